import { AgentError, type Fault, toFault } from '../errors.ts'

const REMEDY = 'Correct the disk or the rights of the state folder. Counting goes on; what could not be stored is stored when it can be.'

/** Nothing can be stored for now. */
export function unwritableFault(path: string, why: string, remedy = REMEDY): Fault {
  return toFault(new AgentError('HISTORY_UNWRITABLE', `The history ${path} cannot be written: ${why}.`, { remedy }))
}

/** `what` says what is wrong with the file, and where it went. */
export function brokenFault(path: string, what: string): Fault {
  return toFault(
    new AgentError('HISTORY_CORRUPT', `The history ${path} ${what}.`, {
      remedy: 'A new one was begun and counting goes on. Check the disk (dmesg); the file that was set aside may be removed.',
    }),
  )
}

/** A fault for somebody who asked for something that cannot be had without the file. */
export function asError({ code, message, remedy }: Fault): AgentError {
  return new AgentError(code, message, { remedy })
}
