import { setTimeout as sleep } from 'node:timers/promises'
import { library, scan, VDevice } from 'hailort-node/hailort'
import { HailoError } from 'hailort-node/hailort-status'
import { dieWithParent } from '../supervise/parent-death.ts'
import type { NpuProbe, ProbedDevice, ProbeFault } from './npu-probe.ts'
import { answerAndEnd } from './probe-answer.ts'

// npu-probe-child.js PARENT_PID identify|scan: prints what HailoRT says as one line of JSON.

const CLOSE_LIMIT_MS = 2_000

function faultOf(error: unknown): ProbeFault {
  if (error instanceof HailoError) return { code: error.code, what: error.what, remedy: error.remedy }
  const text = error instanceof Error ? error.message : String(error)
  return {
    code: 'PROBE_FAILED',
    what: `HailoRT cannot be asked: ${text}`,
    remedy: 'Run "./install.sh --prepare" in the folder of headcount.',
  }
}

async function identified(id: string): Promise<ProbedDevice> {
  try {
    const vdevice = await VDevice.open({ deviceId: id })
    try {
      return { id, identity: await vdevice.identify(), fault: null }
    } finally {
      await Promise.race([vdevice.close(), sleep(CLOSE_LIMIT_MS)])
    }
  } catch (error) {
    return { id, identity: null, fault: faultOf(error) }
  }
}

async function probe(identify: boolean): Promise<NpuProbe> {
  try {
    const found = library()
    try {
      const devices: ProbedDevice[] = []
      for (const id of await scan()) devices.push(identify ? await identified(id) : { id, identity: null, fault: null })
      return { state: 'answered', library: found, devices, scanFault: null }
    } catch (error) {
      return { state: 'answered', library: found, devices: [], scanFault: faultOf(error) }
    }
  } catch (error) {
    return { state: 'failed', fault: faultOf(error) }
  }
}

process.title = 'headcount: doctor'
dieWithParent(Number(process.argv[2]))
answerAndEnd(await probe(process.argv[3] === 'identify'))
