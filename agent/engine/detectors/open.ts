import { AgentError } from '../../errors.ts'
import type { DetectorOrder } from '../messages.ts'
import type { Detector } from './detector.ts'
import { NullDetector } from './null.ts'

/** Opens the detector that the agent ordered. Libraries are loaded here, so an engine holds only those of its own backend. */
export async function openDetector(order: DetectorOrder): Promise<Detector> {
  const { backend } = order
  switch (backend) {
    case 'hog': {
      const { HogDetector } = await loadedHere(backend, () => import('./hog.ts'))
      return new HogDetector(order)
    }
    case 'onnx': {
      const { OnnxDetector } = await loadedHere(backend, () => import('./onnx.ts'))
      return OnnxDetector.open(order)
    }
    case 'hailo': {
      const { HailoDetector } = await loadedHere(backend, () => import('./hailo.ts'))
      return HailoDetector.open(order)
    }
    default:
      return new NullDetector(batchMsOf(backend))
  }
}

/** An addon that was not built, or whose library is gone, is a missing backend and not a bug. */
async function loadedHere<T>(backend: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new AgentError('BACKEND_UNAVAILABLE', `The detector "${backend}" cannot be loaded: ${(cause as Error).message}`, {
      remedy: 'Run install.sh again, or choose another detector.backend.',
      cause,
    })
  }
}

function batchMsOf(backend: `null:${number}`): number {
  const batchMs = Number(backend.slice('null:'.length))
  if (batchMs >= 0) return batchMs
  throw new AgentError('BACKEND_UNAVAILABLE', `The detector "${backend}" names no time.`, { remedy: 'Write null:10 for 10 ms a batch.' })
}
