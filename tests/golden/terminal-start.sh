rm -f -- "$0"
rmdir -- "${0%/*}"
export WATCHKEEPER_HANDOFF=7
unset CLAUDECODE
cd -- '/home/ada/a b; $(id)' && exec /opt/claude '--agent=it'"'"'s' -- 'Begin; now;'
