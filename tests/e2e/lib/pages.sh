# What tests that play the commands of pages have in common. Source it.

# Whether the output has the expected lines in this order; "..." is anything, at an end of a line or as a line.
agrees() { # EXPECTED OUTPUT
    awk -v expected="$1" '
        BEGIN { while ((getline line < expected) > 0) want[++n] = line; at = 1 }
        function fits(line, pattern,    i, head, tail) {
            i = index(pattern, "...")
            if (i == 0) return line == pattern
            head = substr(pattern, 1, i - 1); tail = substr(pattern, i + 3)
            return substr(line, 1, length(head)) == head && length(line) >= length(head) + length(tail) &&
                   substr(line, length(line) - length(tail) + 1) == tail
        }
        { while (at <= n && want[at] == "...") at++ }
        at <= n && fits($0, want[at]) { at++ }
        END { while (at <= n && want[at] == "...") at++; exit at <= n }' "$2"
}
