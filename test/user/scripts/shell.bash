# What scripts for bash use. Everything that several processes do at the same time is put in order before it is shown.
set -u
shopt -s extglob nullglob
cd "$(mktemp -d)"
echo "== lists, words, patterns"
words=(alpha "two words" gamma); words+=(delta)
printf '<%s>' "${words[@]}" "${#words[@]}" "${words[@]:1:2}"; echo
declare -A map=([one]=1 [two]=2 [three]=3)
for key in one two three; do printf '%s=%s ' "$key" "${map[$key]}"; done; echo "${#map[@]}"
text="path/to/file.tar.gz"; echo "${text##*/} ${text%%.*} ${text/to/TO} ${text^^} ${text:5:2} ${#text}"
[[ $text =~ ^([a-z]+)/.*\.(gz|bz2)$ ]] && echo "${BASH_REMATCH[@]:1}"
touch a.c b.c c.h; echo *.c !(*.c) none* @(a|b).?
echo {1..5} {a..e..2} x{1,2}y $((2**40 + 7 % 3)) $((16#ff))
printf '%q %5.2f|%-5s|%05d\n' "a b'c" 3.14159 ab 42
case $text in *.zip) echo zip;; *.gz) echo gz;& *.none) echo falls through;; esac
echo "== pipes and redirections"
seq 1 100000 | tail -n 1 | { read -r last; echo "last $last"; }
yes | head -n 3 | tr '\n' ' '; echo "${PIPESTATUS[@]}"
set -o pipefail; false | true; echo "pipefail $?"; set +o pipefail
diff <(seq 1 5) <(seq 1 2 9; echo 10) | tr '\n' ' '; echo
tee >(wc -c > count) >(sort -r > sorted) < <(printf 'b\na\nc\n') > /dev/null
while [ ! -s count ] || [ "$(wc -l < sorted)" != 3 ]; do sleep 0.01; done; echo $(cat count sorted)
exec 5<> both; echo "through five" >&5; read -r line < both; echo "$line"; exec 5>&-
{ echo out; echo err >&2; } 2>&1 >/dev/null | sed 's/^/only: /'
cat <<-'END' - <<<"a string"
	quoted $here
	END
cat << END
expanded $((6 * 7)) $(echo command)
END
mkfifo pipe; (echo through a pipe > pipe) & cat pipe; wait
echo "== processes"
(exit 7); echo "exit $?"; sh -c 'kill -TERM $$'; echo "killed $?"
sleep 5 & job=$!; kill -0 $job && echo alive; kill $job; wait $job 2>/dev/null; echo "waited $?"
pids=(); for n in 3 1 2; do (sleep 0.$n; exit $n) & pids+=($!); done
wait -n "${pids[@]}"; echo "first $?"; for pid in "${pids[@]}"; do wait "$pid"; printf '%s ' $?; done; echo
coproc CAT { while read -r line; do echo "co: $line"; done; }
echo hello >&"${CAT[1]}"; read -r answer <&"${CAT[0]}"; echo "$answer"; eval "exec ${CAT[1]}>&-"; wait "$CAT_PID"; echo "ended $?"
timeout 0.05 sleep 5; echo "timeout $?"
read -r -t 0.05 nothing < <(sleep 1); echo "read $?"
echo {1..3} | xargs -n 1 -P 3 sh -c 'echo $((10 * $0))' | sort
(ulimit -n 20; ulimit -n); (umask 027; touch masked; stat -c %a masked)
set -m; sleep 5 & kill -STOP $!; sleep 0.05; jobs %% | sed -E 's/^.*\][+-]? +//; s/ +/ /g'; kill -CONT %%; kill %%; wait; set +m
echo "== traps"
trap 'echo usr1' USR1; kill -USR1 $$; trap - USR1
(trap 'echo exit trap' EXIT; trap 'echo term; exit 5' TERM; kill -TERM $BASHPID; echo not reached); echo "status $?"
f() { local x=$1; trap 'echo return from $FUNCNAME' RETURN; ((x > 0)); }
f 1; echo $?; trap - RETURN
(set -e; trap 'echo "line fails"' ERR; false; echo no); echo "errexit $?"
g() { local -n ref=$1; ref=changed; }; value=old; g value; echo $value
mapfile -t lines < <(printf '%s\n' x y z); echo "${#lines[@]} ${lines[-1]}"
while getopts "ab:" option -a -b value; do printf '%s:%s ' "$option" "${OPTARG-}"; done; echo
IFS=: read -r first _ third <<< "1:2:3"; echo "$first$third"
time_now=$(date +%s); ((time_now > 0)) && echo "$BASH_SUBSHELL ${BASH_VERSINFO[0]}" "$(echo $BASH_SUBSHELL)"
echo "== text"
printf '%s\n' banana apple cherry apple | sort | uniq -c | sed -E 's/ +//; s/ /:/' | paste -sd,
find . -name '*.[ch]' -newermt '2020-01-01' -printf '%f\n' | sort | tr '\n' ' '; echo
sed -E 's/([0-9]+)-([0-9]+)/\2-\1/; 2!d' <<< $'1-2\n30-40'; grep -oP '(?<=a)\d+' <<< "a12 b34 a56"
cut -d, -f2- <<< "1,2,3"; tr -s ' ' <<< "a   b"; comm -12 <(printf 'a\nb\n') <(printf 'b\nc\n')
expr 3 \* 4; date -u -d @86400 +%F; basename /a/b.c .c; split -b 2 <(printf abcde) part; ls part*
tar cf - a.c b.c | tar tf -; sha256sum <<< x | cut -c1-16; od -An -tx1 <<< AB; nl -ba <<< line; head -c 5 /dev/zero | wc -c
trap 'cd /; rm -r "$OLDPWD"; echo bye' EXIT
