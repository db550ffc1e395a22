import { COMMANDS } from './commands.js'
import { RUN_OPTIONS } from './run-options.js'
import { usage } from './usage.js'

const ALL_COMMANDS = COMMANDS.join(' ')
const OF_KILL = '--signal --grace --timeout --scope --dry-run --quiet --json --help --version'
const OF_WAIT = '--timeout --count --quiet --json'
const SIGNALS = 'HUP INT QUIT KILL TERM USR1 USR2'
const SCOPES = 'process group tree'

const runOptions = Object.entries(RUN_OPTIONS)
const RUN_FLAGS = runOptions.filter(([, values]) => values === false).map(([name]) => name)
const RUN_SETTINGS = runOptions.filter(([, values]) => values !== false).map(([name]) => `${name}=`)

/** Those of `run` that have a value, also after a space: what follows is not the command yet. */
const BEFORE_VALUE = ['-t', ...RUN_SETTINGS.map((name) => name.slice(0, -1))]

/** The options with a value, of all commands, and what it can be. No value is offered where a pid would be a mistake. */
const VALUES: readonly (readonly [options: readonly string[], values: string])[] = [
  [['-s', '--signal', '--kill-signal'], SIGNALS],
  [['--scope'], SCOPES],
  [['-g', '--grace', '-t', '--timeout', '-c', '--count', '--parent'], ''],
  ...runOptions.flatMap(([name, values]) => (typeof values === 'boolean' ? [] : [[[name], values.join(' ')] as const])),
]

function casesOf(line: (values: string) => string): string {
  return VALUES.map(([options, values]) => `    ${options.join(' | ')}) ${line(values)} ;;`).join('\n')
}

/** The script for each shell. They complete commands, options, their values, and pids. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_killtarget() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" command="\${COMP_WORDS[1]}" words
  # To bash, = is a word of its own.
  [[ "$word" == = ]] && word=
  [[ "$before" == = ]] && before="\${COMP_WORDS[COMP_CWORD - 2]}"
  if [[ "$command" == run ]]; then
    # Where the command to run begins.
    local at=2
    while ((at < COMP_CWORD)) && [[ "\${COMP_WORDS[at]}" == -* ]]; do
      case "\${COMP_WORDS[at]}" in
        ${BEFORE_VALUE.join(' | ')})
          [[ "\${COMP_WORDS[at + 1]}" == = ]] && ((at++))
          ((at++)) ;;
      esac
      ((at++))
    done
    COMPREPLY=()
    ((at < COMP_CWORD)) && return
  fi
  case "$before" in
${casesOf((values) => `words="${values}"; compopt +o default 2>/dev/null`)}
    *)
      case "$command" in
        run) words="${[...RUN_FLAGS, ...RUN_SETTINGS].join(' ')}" ;;
        tree) words="--json $(ps -eo pid= 2>/dev/null)" ;;
        wait) words="${OF_WAIT} $(ps -eo pid= 2>/dev/null)" ;;
        completion) words="bash zsh fish" ;;
        *) words="${OF_KILL} $(ps -eo pid= 2>/dev/null)"; ((COMP_CWORD == 1)) && words="${ALL_COMMANDS} $words" ;;
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ "\${COMPREPLY-}" == *= ]] && compopt -o nospace 2>/dev/null
}
complete -o default -F _killtarget killtarget`,
  zsh: `#compdef killtarget
_killtarget() {
  local -a pids
  if [[ "$words[2]" == run ]]; then
    # Where the command to run begins.
    local -i at=3
    while (( at < CURRENT )) && [[ "$words[at]" == -* ]]; do
      [[ "$words[at]" == (${BEFORE_VALUE.join('|')}) ]] && (( at++ ))
      (( at++ ))
    done
    if (( at < CURRENT )) || { (( at == CURRENT )) && [[ "$words[CURRENT]" != -* ]] }; then
      shift $(( at - 1 )) words
      (( CURRENT -= at - 1 ))
      _normal
      return
    fi
  fi
  local before="$words[CURRENT-1]"
  [[ "$words[CURRENT]" == --*=* ]] && before="\${words[CURRENT]%%=*}" && compset -P '*='
  case "$before" in
${casesOf((values) => `${values === '' ? '' : `compadd ${values}; `}return`)}
  esac
  pids=(\${(f)"$(ps -eo pid= 2>/dev/null)"})
  case "$words[2]" in
    run) compadd -- ${RUN_FLAGS.join(' ')}; compadd -S '' -- ${RUN_SETTINGS.join(' ')} ;;
    tree) compadd -- --json \${pids// /} ;;
    wait) compadd -- ${OF_WAIT} \${pids// /} ;;
    completion) compadd bash zsh fish ;;
    *) ((CURRENT == 2)) && compadd ${ALL_COMMANDS}; compadd -- ${OF_KILL} \${pids// /} ;;
  esac
}
compdef _killtarget killtarget`,
  fish: [
    `complete -c killtarget -f`,
    `complete -c killtarget -n __fish_use_subcommand -a '${ALL_COMMANDS}'`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from run completion' -a '(__fish_complete_pids)'`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -s s -l signal -x -a '${SIGNALS}'`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -s g -l grace -x`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -l scope -x -a '${SCOPES}'`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from tree wait run' -s n -l dry-run`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from tree run' -s t -l timeout -x`,
    `complete -c killtarget -n '__fish_seen_subcommand_from wait' -s c -l count -x`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from tree run' -s q -l quiet`,
    `complete -c killtarget -n 'not __fish_seen_subcommand_from run' -l json`,
    `complete -c killtarget -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'`,
    // Whether the command to run has not begun yet.
    `function __killtarget_run_options
  set -l words (commandline -opc)
  test "$words[2]" = run; or return 1
  set -l at 3
  while test $at -le (count $words)
    switch $words[$at]
      case ${BEFORE_VALUE.join(' ')}
        set at (math $at + 2)
      case '-*'
        set at (math $at + 1)
      case '*'
        return 1
    end
  end
end`,
    `complete -c killtarget -n '__fish_seen_subcommand_from run' -x -a '(__fish_complete_subcommand --fcs-skip=2 ${BEFORE_VALUE.join(' ')})'`,
    `complete -c killtarget -n __killtarget_run_options -s t -x`,
    ...runOptions.map(([name]) => {
      const values = VALUES.find(([options]) => options.includes(name))?.[1]
      const kind = values === undefined ? '' : ` -x${values === '' ? '' : ` -a '${values}'`}`
      return `complete -c killtarget -n __killtarget_run_options -l ${name.slice(2)}${kind}`
    }),
  ].join('\n'),
}

/** `killtarget completion bash`: prints the script for a shell. */
export function completion([shell = '', ...others]: readonly string[]): void {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (script === undefined || others.length > 0)
    throw usage('Expected bash, zsh or fish. See `killtarget completion --help`.')
  console.log(script)
}
