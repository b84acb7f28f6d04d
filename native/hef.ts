import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Architecture } from './hailort.ts'
import { readMessage } from './protobuf.ts'

/** The chips a HEF can be compiled for. */
export type HefChip = 'hailo8' | 'hailo8r' | 'hailo8l' | 'hailo15m' | 'hailo10h' | 'hailo15l' | 'hailo15h'

/** What the header of a HEF file says, before any device is opened. */
export interface HefHeader {
  /** Of the file format, 0–3. */
  readonly version: number
  readonly chip: HefChip
  /** The compiler's version, for example 3.29.0; null where the file does not say it. */
  readonly sdkVersion: string | null
}

export type HefErrorCode =
  /** The file cannot be opened or read. */
  | 'HEF_UNREADABLE'
  /** It is no HEF, a damaged one, or of a format that we do not know. */
  | 'HEF_INVALID'
  /** It was compiled for a chip that is not this one. */
  | 'HEF_OTHER_CHIP'

/** Why a HEF cannot be used. */
export class HefError extends Error {
  override readonly name = 'HefError'
  readonly code: HefErrorCode
  /** What is wrong, without remedy and code. */
  readonly what: string
  /** What the person at the device should do: an imperative sentence. */
  readonly remedy: string

  constructor(code: HefErrorCode, what: string, { remedy, cause }: { readonly remedy: string; readonly cause?: unknown }) {
    super(`${what} ${remedy} [${code}]`, { cause })
    this.code = code
    this.what = what
    this.remedy = remedy
  }
}

/** The first four bytes of every HEF: 0x01 and "HEF". */
export const HEF_MAGIC = 0x01_48_45_46

/** The number of a chip in the header message. */
export const HW_ARCH: Readonly<Record<HefChip, number>> = {
  hailo8: 1,
  hailo8r: 2,
  hailo8l: 3,
  hailo15m: 4,
  hailo10h: 5,
  hailo15l: 6,
  hailo15h: 103,
}

/** Bytes of the header by version of the format; the protobuf follows. */
const HEADER_BYTES = [28, 28, 44, 56] as const
/** What a chip is called in Hailo's documents. */
const CHIP_NAME: Readonly<Record<HefChip, string>> = {
  hailo8: 'Hailo-8',
  hailo8r: 'Hailo-8R',
  hailo8l: 'Hailo-8L',
  hailo15m: 'Hailo-15M',
  hailo10h: 'Hailo-10H',
  hailo15l: 'Hailo-15L',
  hailo15h: 'Hailo-15H',
}
/** What a chip runs, its own files first. Files for a 10H say 10H or 15H. */
const RUNS: Readonly<Record<Architecture, readonly [HefChip, ...HefChip[]]>> = {
  HAILO8_A0: ['hailo8', 'hailo8l'],
  HAILO8: ['hailo8', 'hailo8l'],
  HAILO8L: ['hailo8l'],
  HAILO15H: ['hailo15h'],
  HAILO15L: ['hailo15l'],
  HAILO15M: ['hailo15m'],
  HAILO10H: ['hailo10h', 'hailo15h'],
}

/** What is read of a file at most: the header and the first message, which holds two numbers and a short text. */
const READ_BYTES = 1_024
/** Compilers since 5.0 write "sdk-version: 5.2.0, git-branch: …". */
const SDK_VERSION = /^(?:sdk-version:\s*)?([^\s,]+)/

/** Reads the first KB of a HEF file. Throws HefError. */
export async function readHefHeader(file: string): Promise<HefHeader> {
  return parseHefHeader(await firstBytes(file), file)
}

/** What the first bytes of a HEF say; `file` is named in errors. Throws HefError. */
export function parseHefHeader(bytes: Uint8Array, file = 'The HEF'): HefHeader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < 4 || view.readUInt32BE(0) !== HEF_MAGIC) throw invalid(file, 'is no HEF file')
  const version = view.length < 8 ? 0 : view.readUInt32BE(4)
  const start = HEADER_BYTES[version]
  if (start === undefined) throw invalid(file, `has version ${version} of the HEF format, known are 0 to ${HEADER_BYTES.length - 1}`)
  if (view.length < start) throw invalid(file, 'ends within its header')
  const end = Math.min(view.length, start + view.readUInt32BE(8))
  // What follows the header message may go on behind the bytes that were read; the message itself must be whole.
  const message = readMessage(view.subarray(start, end)).fields.get(1)
  if (message === undefined || typeof message === 'number') throw invalid(file, 'has no readable header message')
  const { fields, whole } = readMessage(message)
  // Protobuf leaves out a number that is 0.
  const arch = fields.get(1) ?? 0
  if (!whole || typeof arch !== 'number') throw invalid(file, 'has a damaged header message')
  return { version, chip: chipOf(arch, file), sdkVersion: sdkVersionOf(fields.get(3)) }
}

/** Throws HefError HEF_OTHER_CHIP where the chip cannot run the file; a Hailo-8 runs files for the 8L, but not the other way round. */
export function checkHef({ chip }: Pick<HefHeader, 'chip'>, architecture: Architecture, file = 'The HEF'): void {
  if (RUNS[architecture].includes(chip)) return
  const device = chipName(architecture)
  throw new HefError('HEF_OTHER_CHIP', `${file} was compiled for the ${hefChipName(chip)}, this chip is a ${device}.`, {
    remedy: `Take a HEF for the ${device}: the Model Zoo has one of each model.`,
  })
}

/** The files a chip runs, fastest first. */
export function chipsOfHefsFor(architecture: Architecture): readonly HefChip[] {
  return RUNS[architecture]
}

/** For example Hailo-8L. */
export function chipName(architecture: Architecture): string {
  return hefChipName(RUNS[architecture][0])
}

/** For example Hailo-8L. */
export function hefChipName(chip: HefChip): string {
  return CHIP_NAME[chip]
}

async function firstBytes(file: string): Promise<Uint8Array> {
  try {
    // Opening a named pipe would otherwise wait for somebody who writes to it, and could not be called off.
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    if (!(await handle.stat()).isFile()) throw new Error('it is a folder, a pipe or a device')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HefError('HEF_UNREADABLE', `${file} cannot be read: ${reason}.`, {
      remedy: 'Correct the path, or the rights of the file.',
      cause,
    })
  }
}

function invalid(file: string, why: string): HefError {
  return new HefError('HEF_INVALID', `${file} ${why}.`, { remedy: 'Copy the file again, or take another one: the Model Zoo has HEFs.' })
}

function chipOf(arch: number, file: string): HefChip {
  // 0 and 1 are two revisions of one chip.
  const number = arch === 0 ? HW_ARCH.hailo8 : arch
  for (const chip of Object.keys(HW_ARCH) as HefChip[]) if (HW_ARCH[chip] === number) return chip
  throw new HefError('HEF_OTHER_CHIP', `${file} was compiled for a chip that is not known here (hw_arch ${arch}).`, {
    remedy: 'Take a HEF for the chip of this machine: the Model Zoo has one of each model.',
  })
}

function sdkVersionOf(field: number | Buffer | undefined): string | null {
  if (field === undefined || typeof field === 'number') return null
  return SDK_VERSION.exec(field.toString('utf8'))?.[1] ?? null
}
