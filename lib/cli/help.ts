/** `killtarget --help`. */
export const HELP = `Usage: killtarget [option...] <pid | token | :port>...
       killtarget <command> [option...]

Terminates processes with all that they have started: SIGTERM, SIGKILL after a grace period. Reports the result.

Examples:
  killtarget 4711                  process 4711, and all that it has started
  killtarget :3000                 what listens on port 3000
  killtarget -g 500ms 4711 4712    SIGKILL after half a second
  killtarget -n :3000              shows what would be terminated
  killtarget tree 4711             draws what process 4711 has started
  killtarget wait -t 60s 4711      waits until process 4711 has exited
  killtarget run -t 10m -- npm t   runs a command that leaves nothing behind

Options:
  -s, --signal SIGNAL     the polite signal: INT, SIGHUP, 15 (TERM). KILL: SIGKILL at once
  -g, --grace TIME        from the polite signal to SIGKILL: 5s, 500ms, 0 or never (5s)
  -t, --timeout TIME      how long to wait after SIGKILL (5s)
      --scope SCOPE       tree, group or process (tree)
  -n, --dry-run           shows the processes, and terminates none
  -q, --quiet             prints errors only
      --json              prints a line of JSON for each process
  -h, --help              prints this, or the help of a command
  -V, --version           prints the version

Commands:
  tree, wait, run         see the examples
  guard                   prints the path of the program that run becomes
  demo                    shows what this does, on processes of its own
  completion SHELL        prints the completion script for bash, zsh or fish

Exit codes: 0 all have exited. 1 something lives on. 2 wrong usage. 3 not permitted, or refused. 4 there was no such process.

https://github.com/killtarget/killtarget/blob/main/docs/command.md`

/** The help of the commands that stay in this program. */
export const HELPS: Readonly<Record<string, string>> = {
  tree: `Usage: killtarget tree [--json] <pid | token | :port>...

Draws processes, and what they have started.

Example: killtarget tree $$

Exit codes: 0 drawn. 2 wrong usage. 3 not permitted. 4 there was no such process.`,
  wait: `Usage: killtarget wait [option...] <pid | token | :port>...

Waits until processes have exited, and says how. They need not be children of this shell.

Example: killtarget wait -t 60s 4711 && echo done

Options:
  -t, --timeout TIME      how long to wait: 60s, 500ms (no limit)
  -c, --count NUMBER      waits until so many of them have exited (all)
  -q, --quiet             prints errors only
      --json              prints a line of JSON for each process

Exit codes: 0 all have exited. 1 one lives on. 2 wrong usage. 3 not permitted. 4 there was no such process.`,
  guard: `Usage: killtarget guard

Prints the path of the program that \`killtarget run\` becomes, for configurations that start it without Node.

Exit codes: 0 printed. 1 there is none for this platform. 2 wrong usage.`,
  demo: `Usage: killtarget demo

Shows a tree, what process.kill leaves alive of it, what terminate() and spawn() do, on processes of its own.

Exit codes: 0 shown. 2 wrong usage. 3 this system has no shell of Unix.`,
  completion: `Usage: killtarget completion bash|zsh|fish

Prints the completion script for a shell.

Example: source <(killtarget completion bash)

Exit codes: 0 printed. 2 wrong usage.`,
}
