import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** The living processes of a group, as "pid name". Zombies do not count: where process 1 reaps nobody they stay for ever. */
async function membersOf(group: number): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const members = await Promise.all(
    pids.map(async (pid) => {
      // Gone between the two reads: then it is no member any more.
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      const [, name, state, groupOfIt] = /^\d+ \((.*)\) (\w) \d+ (\d+)/s.exec(stat) ?? []
      return Number(groupOfIt) === group && state !== 'Z' && state !== 'X' ? `${pid} ${name ?? ''}` : null
    }),
  )
  return members.filter((member) => member !== null)
}

/** Waits until the group has ended; returns who is still there after the grace. Children tied to their parent die a moment after it. */
export async function groupEnded(group: number, graceMs: number): Promise<string[]> {
  const until = performance.now() + graceMs
  let members = await membersOf(group)
  while (members.length > 0 && performance.now() < until) {
    await sleep(50)
    members = await membersOf(group)
  }
  return members
}

/** Ends every process of the group at once. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // ESRCH: nobody is left in it.
  }
}
