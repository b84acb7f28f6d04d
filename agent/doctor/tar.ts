const BLOCK_BYTES = 512
const LONGEST_NAME = 100

/** A file of an archive. */
export interface TarFile {
  /** At most 100 characters of ASCII. */
  readonly name: string
  readonly content: Buffer
}

/** An archive of plain files, readable by their owner alone: the ustar interchange format of POSIX (pax(1)). `timeS` is seconds since 1970. */
export function tarOf(files: readonly TarFile[], timeS: number): Buffer {
  const blocks = files.flatMap(({ name, content }) => [header(name, content.length, timeS), content, padding(content.length)])
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)])
}

function header(name: string, sizeBytes: number, timeS: number): Buffer {
  if (name.length > LONGEST_NAME || !/^[\x21-\x7e]+$/.test(name)) throw new TypeError(`"${name}" cannot be a name in an archive`)
  const block = Buffer.alloc(BLOCK_BYTES)
  const number = (value: number, offset: number, digits: number) =>
    block.write(Math.floor(value).toString(8).padStart(digits, '0'), offset, 'latin1')
  block.write(name, 0, 'latin1')
  number(0o600, 100, 7)
  number(0, 108, 7)
  number(0, 116, 7)
  number(sizeBytes, 124, 11)
  number(timeS, 136, 11)
  // The sum is taken with blanks in its own place.
  block.write('        0', 148, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES)
}
