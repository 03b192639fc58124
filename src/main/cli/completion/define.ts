/** `beside completion`, and the question that the shells' scripts ask at each Tab. */
import { Argument, type Command } from 'commander'
import type { Go } from '../go.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

export function defineCompletion(program: Command, go: Go): void {
  program
    .command('completion')
    .summary('completion for your shell')
    .description('Prints a script that teaches a shell to complete the commands, options and formats of Beside.')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  bash   echo 'source <(beside completion bash)' >> ~/.bashrc
  zsh    echo 'source <(beside completion zsh)' >> ~/.zshrc      (after compinit)
  fish   beside completion fish > ~/.config/fish/completions/beside.fish`,
    )
    .action(async (shell: Shell) => await go(async (around) => (await import('./completion.ts')).completion(shell, around)))
  program
    .command('complete', { hidden: true })
    .argument('[word...]')
    .allowUnknownOption()
    .passThroughOptions()
    .action(
      async (words: readonly string[]) =>
        await go(async (around) => (await import('./completion.ts')).complete(program, words, around)),
    )
}
