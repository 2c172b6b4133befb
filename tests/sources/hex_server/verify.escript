#!/usr/bin/env escript
%% Erlang's own reading of what the server gives out: verify.escript FOLDER checks the signature of
%% FOLDER/payload with both keys, and prints the terms of FOLDER/metadata.config.
main([Folder]) ->
    Read = fun(Name) -> {ok, Data} = file:read_file(filename:join(Folder, Name)), Data end,
    [begin
         [Entry] = public_key:pem_decode(Read(Pem)),
         Key = public_key:pem_entry_decode(Entry),
         true = public_key:verify(Read("payload"), sha512, Read("signature"), Key),
         false = public_key:verify(<<"other">>, sha512, Read("signature"), Key)
     end || Pem <- ["pkcs1.pem", "spki.pem"]],
    {ok, Terms} = file:consult(filename:join(Folder, "metadata.config")),
    io:setopts([{encoding, unicode}]),
    io:format("~0tp~n", [Terms]).
