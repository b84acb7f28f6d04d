import { VDevice } from 'hailort-node/hailort'
import { HailoError } from 'hailort-node/hailort-status'

// Configures a HEF, has one frame inferred, closes the model and then the device; prints what came of it as JSON: `network-child.js HEF`.
// With `unanswered` behind it, the frame's answer is not awaited.

const [, , hef = '', unanswered] = process.argv

const outcome = (call: Promise<unknown>) =>
  call.then(
    (answer) => answer,
    (error: unknown) => (error instanceof HailoError ? error.code : `no HailoError: ${String(error)}`),
  )

async function configureAndInfer(vdevice: VDevice): Promise<unknown> {
  await using model = await vdevice.configure(hef, { batchSize: 1 })
  const inferred = model.infer([new Uint8Array(model.input.frameBytes)])
  if (unanswered === undefined) return (await inferred).map((frame) => [...(frame?.detections ?? [])])
  const read = outcome(inferred)
  // Until the frame is written, and its answer is being read.
  while (model.counters().writeMs === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  await new Promise((resolve) => setTimeout(resolve, 100))
  await model.close()
  return await read
}

const vdevice = await VDevice.open()
const answer = await outcome(configureAndInfer(vdevice))
await vdevice.close()
process.stdout.write(JSON.stringify(answer))
