import { VDevice } from 'hailort-node/hailort'
import { dieWithParent } from '../../agent/supervise/parent-death.ts'

// npu-holder-child.js PARENT_PID TITLE: opens the NPU under this title and keeps it until it is killed.

dieWithParent(Number(process.argv[2]))
process.title = process.argv[3] ?? 'holder'
const vdevice = await VDevice.open()
process.stdout.write(`${vdevice.deviceIds.join(' ')}\n`)
// Named once more, so that it is not collected.
setInterval(() => vdevice.deviceIds, 60_000)
