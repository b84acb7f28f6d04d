import { benchCommand } from './bench.ts'
import type { Command } from './command.ts'
import { configCommand } from './config.ts'
import { demoCommand } from './demo.ts'
import { doctorCommand } from './doctor.ts'
import { evalCommand } from './eval.ts'
import { forgetCommand } from './forget.ts'
import { runCommand } from './run.ts'

/** Every command, by name, in the order the help shows them. */
export const commands: ReadonlyMap<string, Command> = new Map(
  [runCommand, demoCommand, doctorCommand, evalCommand, benchCommand, configCommand, forgetCommand].map((command) => [
    command.name,
    command,
  ]),
)
