defmodule ElixirEval.Allowed.Pure do
  @moduledoc """
  The functions that only compute: what they return depends on their arguments (and the clock), and
  they leave nothing behind.

  A name stands for every arity that the module exports; `name/arity` for that one. Each list was
  read against the module's exports on Elixir 1.18 and OTP 27. What is missing is missing for a
  reason: it makes atoms from text (`String.to_atom`), names a function to be called
  (`Function.capture`), reads or changes the world (`File`, `System.cmd`), or is of no use to an
  honest candidate.
  """

  @all ~w(
    Atom Base Bitwise Date Date.Range DateTime Duration Enum Float Keyword List.Chars Map MapSet
    NaiveDateTime Range Stream Stream.Reducers String.Chars Time Tuple Version Collectable Enumerable
    Inspect Inspect.Algebra Access JSON JSON.Encoder Calendar.ISO
    Calendar.UTCOnlyTimeZoneDatabase Version.Requirement Enumerable.Function Enumerable.List
    Enumerable.Map Enumerable.MapSet Enumerable.Range Enumerable.Stream Collectable.BitString
    Collectable.List Collectable.Map Collectable.MapSet Inspect.Any Inspect.Atom Inspect.BitString
    Inspect.Float Inspect.Integer Inspect.List Inspect.Map Inspect.MapSet Inspect.Tuple
    String.Chars.Atom String.Chars.BitString String.Chars.Float String.Chars.Integer
    String.Chars.List
  )

  @all_erlang ~w(
    array base64 binary dict gb_sets gb_trees lists maps math orddict ordsets proplists queue
    rand re sets sofs string unicode uri_string digraph digraph_utils counters atomics
  )a

  @some %{
    "Integer" =>
      ~w(pow mod to_string parse to_charlist gcd digits extended_gcd floor_div undigits),
    "List" => ~w(
      ascii_printable? delete delete_at delete_pair duplicate ends_with? first flatten foldl foldr
      improper? insert_at keydelete keyfind keyfind! keymember? keyreplace keysort keystore keytake
      last myers_difference pop_at replace_at starts_with? to_charlist to_float to_integer to_string
      to_tuple update_at wrap zip
    ),
    "String" => ~w(
      at bag_distance byte_slice capitalize chunk codepoints contains? downcase duplicate
      ends_with? equivalent? first graphemes jaro_distance last length ljust lstrip match?
      myers_difference next_codepoint next_grapheme normalize pad_leading pad_trailing pattern
      printable? replace replace_invalid replace_leading replace_prefix replace_suffix
      replace_trailing reverse rjust rstrip slice split split_at splitter starts_with? strip
      to_charlist to_float to_integer trim trim_leading trim_trailing upcase valid?
    ),
    "Regex" => ~w(
      compile compile! escape match? named_captures names opts re_pattern recompile recompile!
      regex? replace run scan source split version __struct__
    ),
    "URI" => ~w(
      append_path append_query char_reserved? char_unescaped? char_unreserved? decode decode_query
      decode_www_form default_port/1 encode encode_query encode_www_form merge new new! parse
      query_decoder to_string __struct__
    ),
    "Path" => ~w(
      basename dirname extname join relative_to/2 rootname safe_relative/1 split type
    ),
    "Macro" => ~w(camelize underscore),
    "Module" => ~w(split),
    "Exception" => ~w(
      exception? format/2 format_banner/2 format_mfa message normalize/2 format_exit
    ),
    "Calendar" => ~w(compatible_calendars? strftime truncate),
    "Function" => ~w(identity),
    "Inspect.Opts" => ~w(new __struct__),
    "IO" => ~w(chardata_to_string iodata_length iodata_to_binary),
    "IO.ANSI" => ~w(
      black blue bright clear clear_line color conceal cyan default_background default_color faint
      format format_fragment green inverse italic light_blue light_cyan light_green
      light_magenta light_red light_white light_yellow magenta normal red reset reverse underline
      white yellow
    ),
    "System" => ~w(
      convert_time_unit monotonic_time os_time system_time time_offset unique_integer
      schedulers_online otp_release version
    ),
    "Kernel" => ~w(
      != !== * ** + ++ - -- / < <= == === =~ > >= abs apply/2 binary_part binary_slice bit_size
      byte_size ceil div elem exit floor function_exported? get_and_update_in get_in hd inspect
      is_atom is_binary is_bitstring is_boolean is_float is_function is_integer is_list is_map
      is_map_key is_number is_pid is_port is_reference is_tuple length make_ref map_size max min
      node/0 not pop_in put_elem put_in rem round self struct struct! throw tl to_timeout trunc
      tuple_size update_in
    )
  }

  @some_erlang %{
    calendar: ~w(
      date_to_gregorian_days datetime_to_gregorian_seconds day_of_the_week gregorian_days_to_date
      gregorian_seconds_to_datetime is_leap_year iso_week_number last_day_of_the_month
      local_time now_to_datetime now_to_universal_time rfc3339_to_system_time
      seconds_to_daystime seconds_to_time system_time_to_rfc3339 system_time_to_universal_time
      time_difference time_to_seconds universal_time valid_date
    ),
    crypto: ~w(
      bytes_to_integer exor hash hash_equals hash_final hash_init hash_update mac mac_final mac_init
      mac_update mod_pow pbkdf2_hmac rand_uniform strong_rand_bytes
    ),
    erlang: ~w(
      != * + ++ - -- / /= < =/= =:= =< == > >= abs adler32 adler32_combine and append append_element
      apply/2 atom_to_binary atom_to_list band binary_part binary_to_float binary_to_integer
      binary_to_list bit_size bitstring_to_list bnot bor bsl bsr bxor byte_size ceil
      convert_time_unit crc32 crc32_combine date delete_element div element error/1 error/2 exit/1
      external_size float float_to_binary float_to_list floor function_exported garbage_collect/0 hd insert_element
      integer_to_binary integer_to_list iolist_size iolist_to_binary iolist_to_iovec is_atom
      is_binary is_bitstring is_boolean is_float is_function is_integer is_list is_map is_map_key
      is_number is_pid is_port is_record is_reference is_tuple length list_to_binary
      list_to_bitstring list_to_float list_to_integer list_to_tuple localtime make_ref make_tuple
      map_get map_size max md5 md5_final md5_init md5_update min monotonic_time node/0 not now or
      phash phash2 pid_to_list raise ref_to_list rem round self setelement size split_binary subtract
      system_time term_to_binary term_to_iovec throw time time_offset timestamp tl trunc tuple_size
      tuple_to_list unique_integer universaltime xor yield
    ),
    filename: ~w(basename dirname extension join rootname split),
    io_lib: ~w(
      chars_length char_list format/2 fwrite/2 nl print printable_latin1_list printable_list
      printable_unicode_list write/1 write_atom write_char write_string
    ),
    json: ~w(
      decode encode encode_atom encode_binary encode_binary_escape_all encode_float encode_integer
      encode_key_value_list encode_list encode_map format
    ),
    timer: ~w(hms hours minutes now_diff seconds tc/1 tc/2),
    zlib: ~w(compress gunzip gzip uncompress unzip zip)
  }

  @exceptions ~w(
    ArgumentError ArithmeticError BadArityError BadBooleanError BadFunctionError BadMapError
    BadStructError CaseClauseError CondClauseError Enum.EmptyError Enum.OutOfBoundsError ErlangError
    FunctionClauseError Inspect.Error JSON.DecodeError KeyError MatchError RuntimeError SystemLimitError
    TryClauseError UndefinedFunctionError UnicodeConversionError Version.InvalidRequirementError
    Version.InvalidVersionError WithClauseError URI.Error Regex.CompileError
    Protocol.UndefinedError
  )

  @doc "Modules of which every exported function computes only."
  @spec whole() :: [module]
  def whole, do: Enum.map(@all, &Module.concat([&1])) ++ @all_erlang

  @doc "Modules of which only the functions named here are allowed."
  @spec partly() :: [{module, [String.t()]}]
  def partly do
    Enum.map(@some, fn {module, names} -> {Module.concat([module]), names} end) ++
      Enum.map(@exceptions, &{Module.concat([&1]), ~w(exception message __struct__)}) ++
      Map.to_list(@some_erlang)
  end
end
