/** `beside doctor` as the command line knows it. */
import type { Command } from 'commander'
import type { Go } from '../go.ts'
import type { DoctorWords } from './doctor.ts'

export function defineDoctor(program: Command, go: Go): void {
  program
    .command('doctor')
    .summary('what is installed, what works, what to do about the rest')
    .description('Looks at everything that Beside needs on this machine and says what to do about what is missing.')
    .option('--json', 'as JSON, one object a line')
    .option('--bundle <file>', 'write a ZIP for whoever helps you: versions, settings, this report, counts and the log, no keys')
    .addHelpText('after', '\nExit status: 0 all is well, or only something optional is missing; 1 there is trouble.')
    .action(async (words: DoctorWords) => await go(async (around) => (await import('./doctor.ts')).doctor(words, around)))
}
