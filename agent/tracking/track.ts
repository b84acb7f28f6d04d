/** A box in the picture: 0–1, origin top-left, y down. */
export interface Box {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** The class of people, as in all models trained on COCO. */
export const PERSON = 0

/** What a detector says of one object in one frame. */
export interface DetectedBox extends Box {
  readonly score: number
  /** `PERSON` or something else. */
  readonly classId: number
}

/** One followed object in one frame. */
export interface Track extends Box {
  readonly id: number
  readonly score: number
  readonly classId: number
  /** Seen often enough to be counted. */
  readonly confirmed: boolean
  /** No detection supports it in this frame: the box is the motion model's. */
  readonly predicted: boolean
}
