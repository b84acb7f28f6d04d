import { fork } from 'node:child_process'
import { once } from 'node:events'

/** A process that, once it is killed, does not go before it is let go: to its parent it looks like one that a driver holds in the kernel. */
export interface HeldProcess extends AsyncDisposable {
  letGo(): Promise<void>
}

const ENTRY = new URL('./held-process-child.js', import.meta.url)

/** Holds a process as a debugger does. null: this machine does not let us. */
export async function holdProcess(pid: number): Promise<HeldProcess | null> {
  const holder = fork(ENTRY, [String(pid)], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const gone = once(holder, 'exit')
  const letGo = async () => {
    holder.kill('SIGKILL')
    await gone
  }
  const [holds] = (await once(holder, 'message')) as [boolean]
  if (holds) return { letGo, [Symbol.asyncDispose]: letGo }
  await letGo()
  return null
}
