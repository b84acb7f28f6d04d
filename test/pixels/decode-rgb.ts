import { readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { TempFolder } from '../capture/capture-run.ts'
import { play } from '../ringsink/play.ts'

/** The pixel in the middle of a JPEG, as GStreamer's own decoder and converter show it. */
export async function middleRgb(jpeg: Buffer, { width, height }: { readonly width: number; readonly height: number }): Promise<number[]> {
  using folder = new TempFolder()
  const [from, to] = [folder.file('a.jpg'), folder.file('a.rgb')]
  writeFileSync(from, jpeg)
  const { error } = await play(`filesrc location=${from} ! jpegdec ! videoconvert ! video/x-raw,format=RGB ! filesink location=${to}`)
  assert.is(error, null)
  const rgb = readFileSync(to)
  assert.is(rgb.length, width * height * 3, 'rows without padding: the width is a multiple of 4')
  const at = (Math.floor(height / 2) * width + Math.floor(width / 2)) * 3
  return [...rgb.subarray(at, at + 3)]
}
