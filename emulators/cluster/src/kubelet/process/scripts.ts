/**
 * Shell steps around a container's process. They report on file descriptor 3, a line each: `pid N`, then
 * `ok` just before the program takes over, or `error …` with why it cannot.
 */

/** Finds the program as a container runtime does, and becomes it. Arguments: working directory, argv. */
export const startProgram = String.raw`
fail() { printf 'error %s\n' "$1" >&3; exit 127; }
cd "$1" 2>/dev/null || fail "chdir to cwd (\"$1\") set in config.json failed: no such file or directory"
shift
case $1 in
  */*)
    [ -e "$1" ] || fail "exec: \"$1\": stat $1: no such file or directory"
    if [ ! -f "$1" ] || [ ! -x "$1" ]; then fail "exec: \"$1\": permission denied"; fi ;;
  *)
    found=
    IFS=:
    for folder in $PATH; do
      if [ -f "$folder/$1" ] && [ -x "$folder/$1" ]; then found=1; break; fi
    done
    unset IFS
    [ -n "$found" ] || fail "exec: \"$1\": executable file not found in \$PATH" ;;
esac
printf 'ok\n' >&3
exec 3>&-
exec "$@"
`;

/** For a process that shares the machine's view. Arguments: working directory, argv. */
export const startPlain = String.raw`exec 2>&1
printf 'pid %s\n' $$ >&3
${startProgram}`;

/** Absolute paths of the programs that make a view. */
export interface ViewTools {
  unshare: string;
  nsenter: string;
  mount: string;
  chroot: string;
  setsid: string;
}

/**
 * First process of new namespaces: makes the view and enters it. /proc is still the machine's, so
 * /proc/self/stat tells the pid that others know this process by.
 * Arguments: hostname, fstab, root, `startProgram`, working directory, argv.
 */
export function startInView(tools: ViewTools): string {
  return String.raw`exec 2>&1
read -r pid _ </proc/self/stat
printf 'pid %s\n' "$pid" >&3
printf %s "$1" 2>/dev/null >/proc/sys/kernel/hostname
complaint=$("${tools.mount}" -a -T "$2" 2>&1) || { set -f; printf 'error %s\n' "$(echo $complaint)" >&3; exit 125; }
root=$3
program=$4
shift 4
exec "${tools.chroot}" "$root" /bin/sh -c "$program" sh "$@"
`;
}
