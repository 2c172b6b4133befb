#!/usr/bin/env escript
%% -*- coding: utf-8 -*-
%% Prints what file:consult/1 makes of each file named on standard input, one line a file.

main([]) ->
    loop().

loop() ->
    case io:get_line("") of
        eof -> ok;
        Line ->
            case catch file:consult(string:trim(Line)) of
                {ok, Terms} -> io:put_chars([canonical(Terms), $\n]);
                _ -> io:put_chars("refused\n")
            end,
            loop()
    end.

canonical(A) when is_atom(A) -> [$a, hex(atom_to_binary(A, utf8))];
canonical(B) when is_binary(B) -> [$b, hex(B)];
canonical(I) when is_integer(I) -> [$i, integer_to_list(I)];
canonical(F) when is_float(F) -> [$f, hex(<<F:64/float>>)];
canonical(T) when is_tuple(T) -> [${, join(tuple_to_list(T)), $}];
canonical(L) when is_list(L), length(L) >= 0 -> [$[, join(L), $]];
canonical(M) when is_map(M) ->
    [$m, lists:join($,, lists:sort([lists:flatten([canonical(K), $>, canonical(V)])
                                    || {K, V} <- maps:to_list(M)]))];
canonical(_) -> "other".

join(L) -> lists:join($,, [canonical(E) || E <- L]).

hex(B) -> [io_lib:format("~2.16.0b", [X]) || <<X>> <= B].
