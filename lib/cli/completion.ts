import { COMMANDS } from './commands.js'
import { RUN_OPTIONS } from './run-options.js'
import { usage } from './usage.js'

const ALL_COMMANDS = COMMANDS.join(' ')
const OF_KILL = '--signal --grace --timeout --scope --dry-run --quiet --json --help --version'
const SIGNALS = 'HUP INT QUIT KILL TERM USR1 USR2'
const OF_WAIT = '--timeout --count --quiet --json'
const OF_RUN = Object.entries(RUN_OPTIONS)
  .map(([name, hasValue]) => (hasValue ? `${name}=` : name))
  .join(' ')

/** The script for each shell. They complete commands, options and pids. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_killtarget() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}" words pids
  pids="$(ps -eo pid= 2>/dev/null)"
  case "$before" in
    -s | --signal) words="${SIGNALS}" ;;
    --scope) words="process group tree" ;;
    *)
      case "$command" in
        run) words="${OF_RUN}" ;;
        tree) words="--json $pids" ;;
        wait) words="${OF_WAIT} $pids" ;;
        completion) words="bash zsh fish" ;;
        *) words="${OF_KILL} $pids"; ((COMP_CWORD == 1)) && words="${ALL_COMMANDS} $words" ;;
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _killtarget killtarget`,
  zsh: `#compdef killtarget
_killtarget() {
  local -a words pids
  pids=(\${(f)"$(ps -eo pid= 2>/dev/null)"})
  case "$words[CURRENT-1]" in
    -s|--signal) compadd ${SIGNALS}; return ;;
    --scope) compadd process group tree; return ;;
  esac
  case "$words[2]" in
    run) if [[ "$words[CURRENT]" == -* ]]; then compadd -- ${OF_RUN}; else _normal; fi ;;
    tree) compadd -- --json \${pids// /} ;;
    wait) compadd -- ${OF_WAIT} \${pids// /} ;;
    completion) compadd bash zsh fish ;;
    *) ((CURRENT == 2)) && compadd ${ALL_COMMANDS}; compadd -- ${OF_KILL} \${pids// /} ;;
  esac
}
compdef _killtarget killtarget`,
  fish: `complete -c killtarget -f
complete -c killtarget -n __fish_use_subcommand -a '${ALL_COMMANDS}'
complete -c killtarget -n 'not __fish_seen_subcommand_from run completion' -a '(__fish_complete_pids)'
complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -s s -l signal -x -a '${SIGNALS}'
complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -s g -l grace -x
complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -l scope -x -a 'process group tree'
complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -s n -l dry-run
complete -c killtarget -n 'not __fish_seen_subcommand_from tree run' -s t -l timeout -x
complete -c killtarget -n 'not __fish_seen_subcommand_from tree run' -s q -l quiet
complete -c killtarget -n 'not __fish_seen_subcommand_from run' -l json
complete -c killtarget -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c killtarget -n '__fish_seen_subcommand_from run' -a '${OF_RUN}'`,
}

/** `killtarget completion bash`: prints the script for a shell. */
export function completion([shell = '', ...others]: readonly string[]): void {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (script === undefined || others.length > 0)
    throw usage('Expected bash, zsh or fish. See `killtarget completion --help`.')
  console.log(script)
}
