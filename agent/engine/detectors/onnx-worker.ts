import { parentPort, workerData } from 'node:worker_threads'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { type PicturePlace, personsIn, type Thresholds, type YoloOutput, yoloOutput } from './yolo.ts'

/** What the thread is started with. */
export interface OnnxWorkerOrder {
  readonly path: string
  readonly threads: number
}

/** To the thread: one input, whose memory moves there and back with the answer; or the end. */
export type OnnxRequest =
  | { readonly type: 'run'; readonly input: Float32Array<ArrayBuffer>; readonly place: PicturePlace; readonly thresholds: Thresholds }
  | { readonly type: 'close' }

/** From the thread. */
export type OnnxAnswer =
  | { readonly type: 'ready'; readonly output: YoloOutput }
  | { readonly type: 'found'; readonly boxes: ReturnType<typeof personsIn>; readonly input: Float32Array<ArrayBuffer> }
  /** `runtime`: ONNX Runtime is not there; `unreadable`: not an ONNX file; `unsupported`: a model we cannot use. */
  | { readonly type: 'failed'; readonly why: 'runtime' | 'unreadable' | 'unsupported'; readonly text: string }

/** Of a model that takes any size. */
const USUAL_SIDE = 640
const MOST_SIDE = 4096
const LOG_ERRORS_ONLY = 3

class Failure extends Error {
  readonly why: 'runtime' | 'unreadable' | 'unsupported'
  constructor(why: 'runtime' | 'unreadable' | 'unsupported', text: string, cause?: unknown) {
    super(text, { cause })
    this.why = why
  }
}

/**
 * ONNX Runtime in a thread of its own: its Node binding computes on the thread that calls it, and the engine's must stay free
 * for frames and messages.
 */
async function serve({ path, threads }: OnnxWorkerOrder): Promise<void> {
  const runtime = await loadRuntime()
  const session = await openSession(runtime, path, threads)
  const { name, width, height } = inputOf(session)
  const feeds = (input: Float32Array) => ({ [name]: new runtime.Tensor('float32', input, [1, 3, height, width]) })
  const [outputName = ''] = session.outputNames
  const trial = await session.run(feeds(new Float32Array(3 * width * height)), [outputName]).catch((cause: unknown) => {
    throw new Failure('unsupported', messageOf(cause), cause)
  })
  const results = trial[outputName]
  if (results === undefined || !('dims' in results)) throw new Failure('unsupported', 'it answers nothing.')
  const values = floatsOf(results)
  const output = yoloOutput(results.dims, { width, height })
  if (output === null) {
    throw new Failure('unsupported', `its output has the shape [${results.dims.join(', ')}], which is neither YOLOX's nor YOLOv8's.`)
  }
  answer({ type: 'ready', output })
  parentPort?.on('message', (request: OnnxRequest) => {
    if (request.type === 'close') {
      void session.release().finally(() => parentPort?.close())
      return
    }
    const { input, place, thresholds } = request
    // Into the same output every time: a megabyte of garbage a frame would make the heap breathe.
    void session.run(feeds(input), { [outputName]: results }).then(() => {
      answer({ type: 'found', boxes: personsIn(output, values, place, thresholds), input }, input)
    })
  })
}

async function loadRuntime() {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    throw new Failure('runtime', messageOf(cause), cause)
  }
}

type Runtime = Awaited<ReturnType<typeof loadRuntime>>

async function openSession(runtime: Runtime, path: string, threads: number): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(path, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_ERRORS_ONLY,
      // Waiting threads sleep instead of burning the cores that captures need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
  } catch (cause) {
    const text = messageOf(cause)
    throw new Failure(
      /protobuf parsing failed|does not have a graph|is a directory/i.test(text) ? 'unreadable' : 'unsupported',
      text,
      cause,
    )
  }
}

function inputOf({ inputMetadata }: InferenceSession): { name: string; width: number; height: number } {
  const [input] = inputMetadata
  if (input === undefined || inputMetadata.length !== 1 || !input.isTensor) throw new Failure('unsupported', 'it must take one tensor.')
  const [batch, channels, height = 0, width = 0] = input.shape.map((side, index) =>
    typeof side === 'number' && side > 0 ? side : index === 0 ? 1 : USUAL_SIDE,
  )
  const picture = input.shape.length === 4 && batch === 1 && channels === 3 && Math.max(width, height) <= MOST_SIDE
  if (!picture || input.type !== 'float32') {
    throw new Failure('unsupported', `it takes ${input.type} [${input.shape.join(', ')}]; float32 [1, 3, height, width] is needed.`)
  }
  return { name: input.name, width, height }
}

function floatsOf({ data }: Tensor): Float32Array {
  if (!(data instanceof Float32Array)) throw new Failure('unsupported', 'its output is not float32.')
  return data
}

function answer(message: OnnxAnswer, moved?: Float32Array<ArrayBuffer>): void {
  parentPort?.postMessage(message, moved ? [moved.buffer] : [])
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  await serve(workerData as OnnxWorkerOrder)
} catch (error) {
  if (!(error instanceof Failure)) throw error
  answer({ type: 'failed', why: error.why, text: error.message })
  parentPort?.close()
}
