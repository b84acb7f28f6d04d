import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
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
  // The library notes that the answer is being read.
  const notes = process.env['FAKE_NOTES'] ?? ''
  while (!existsSync(notes) || !readFileSync(notes, 'utf8').includes('read')) await sleep(1)
  await model.close()
  return await read
}

const vdevice = await VDevice.open()
const answer = await outcome(configureAndInfer(vdevice))
await vdevice.close()
process.stdout.write(JSON.stringify(answer))
