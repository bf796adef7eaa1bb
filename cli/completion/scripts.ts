// The scripts that teach shells to ask `ctask __complete`. It answers with a candidate a line, `value<TAB>description`, and
// ends with `:none`, `:file` (names of files too) or `:nospace` (the word goes on). Whatever fails, fails silently.

const bash = `# bash completion for ctask
#   now:      source <(ctask completion bash)
#   for good: ctask completion bash > ~/.local/share/bash-completion/completions/ctask

_ctask() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words=() word line directive lead="" i
  COMPREPLY=()
  # Readline breaks words at "=": put --flag=value together again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    if [[ \${#words[@]} -gt 0 && ( $word == "=" || ( \${COMP_WORDS[i-1]} == "=" && i -gt 1 ) ) && \${words[\${#words[@]}-1]} == --* ]]; then
      words[\${#words[@]}-1]+="$word"
    else
      words+=("$word")
    fi
  done
  word="\${words[\${#words[@]}-1]}"
  [[ $word == --*=* && $cur != "$word" ]] && lead="\${word%%=*}="
  while IFS= read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) line="\${line%%$'\\t'*}"; COMPREPLY+=("\${line#"$lead"}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
  case "$directive" in
    file) compopt -o default 2>/dev/null ;;
    nospace) compopt -o nospace 2>/dev/null ;;
  esac
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}

complete -F _ctask ctask
`;

const zsh = `#compdef ctask
# zsh completion for ctask
#   now:      source <(ctask completion zsh)
#   for good: ctask completion zsh > "\${fpath[1]}/_ctask"

_ctask() {
  local -a lines values
  local line directive
  lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      '') ;;
      *$'\\t'*) values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) values+=("\${line//:/\\\\:}") ;;
    esac
  done
  if [[ $directive == nospace ]]; then
    _describe 'ctask' values -S ''
  elif (( \${#values} )); then
    _describe 'ctask' values
  fi
  [[ $directive == file ]] && _files
  return 0
}

# As a file of $fpath this is the function itself, being called for the first time.
if [[ $funcstack[1] == _ctask ]]; then
  _ctask "$@"
else
  compdef _ctask ctask
fi
`;

const fish = `# fish completion for ctask
#   now:      ctask completion fish | source
#   for good: ctask completion fish > ~/.config/fish/completions/ctask.fish

function __ctask_ask
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    $tokens[1] __complete -- $tokens[2..-1] "$current" 2>/dev/null
end

function __ctask_candidates
    set -l lines (__ctask_ask)
    string match -v -r '^:' -- $lines
    if contains -- :file $lines
        __fish_complete_path (commandline -ct)
    end
end

complete -c ctask -f -a '(__ctask_candidates)'
`;

const powershell = `# PowerShell completion for ctask
#   now:      ctask completion powershell | Out-String | Invoke-Expression
#   for good: add that line to $PROFILE

Register-ArgumentCompleter -Native -CommandName 'ctask' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    # Older versions drop an empty argument of a program, unless it is written with its quotes.
    $last = if ($wordToComplete -eq '' -and $PSVersionTable.PSVersion -lt [version]'7.3') { '""' } else { $wordToComplete }
    $lines = @(& $commandAst.CommandElements[0].ToString() __complete '--' @words $last 2>$null)
    foreach ($line in $lines) {
        if ($line -eq '' -or $line.StartsWith(':')) { continue }
        $value, $description = $line -split "\`t", 2
        if (-not $description) { $description = $value }
        [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
    }
}
`;

export const completionScripts: Readonly<Record<string, string>> = { bash, zsh, fish, powershell };
