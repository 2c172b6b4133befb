"""`otp`: descriptions of processes and supervision, and the modules that they describe."""

from transforms.otp.transform import Otp, OtpOptions

__all__ = ["Otp", "OtpOptions"]
