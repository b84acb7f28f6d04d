import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Architecture } from 'hailort-node/hailort'
import { checkHef, chipName, type HefChip, HefError, type HefErrorCode, HW_ARCH, parseHefHeader, readHefHeader } from 'hailort-node/hef'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { dataFile } from '../support/data.ts'
import { Tree } from '../support/tree.ts'

const HEADER_BYTES = [28, 28, 44, 56]

/** A HEF of any version whose protobuf is given. */
function hefOf(version: number, protobuf: readonly number[], size = protobuf.length): Buffer {
  const header = Buffer.alloc(HEADER_BYTES[version] ?? 28)
  header.writeUInt32BE(0x01484546, 0)
  header.writeUInt32BE(version, 4)
  header.writeUInt32BE(size, 8)
  return Buffer.concat([header, Buffer.from(protobuf)])
}

/** The header message, as field 1 of the protobuf. */
function told(arch: readonly number[], sdk: string | null): number[] {
  const text = sdk === null ? [] : [0x1a, sdk.length, ...Buffer.from(sdk)]
  const message = [...arch, 0x10, 0xcf, 0xac, 0xb7, 0xdc, 0xa0, 0x32, ...text]
  return [0x0a, message.length, ...message]
}

/** The code of what is thrown, which must be a HefError; null when nothing is. */
function codeOf(act: () => unknown): HefErrorCode | null {
  try {
    act()
    return null
  } catch (error) {
    assert.instance(error, HefError)
    const { what, remedy, message, code } = error as HefError
    assert.is(message, `${what} ${remedy} [${code}]`)
    assert.ok(what.endsWith('.') && remedy.endsWith('.'), message)
    return code
  }
}

const test = suite('HEF')

test('reads the header of a real Hailo-8 file', async () => {
  const file = dataFile('hef/hailo8-v1.head.hef')
  if (file === null) return
  assert.equal(await readHefHeader(file), { version: 1, chip: 'hailo8', sdkVersion: '3.29.0' })
})

test('reads the header of a real Hailo-10H file, whose compiler writes more than its version', async () => {
  const file = dataFile('hef/hailo10h-v3.head.hef')
  if (file === null) return
  assert.equal(await readHefHeader(file), { version: 3, chip: 'hailo15h', sdkVersion: '5.2.0' })
})

test('finds the header message behind the header of each version', () => {
  for (const version of [0, 1, 2, 3]) {
    const bytes = hefOf(version, told([0x08, 3], '3.29.0'))
    assert.equal(parseHefHeader(bytes), { version, chip: 'hailo8l', sdkVersion: '3.29.0' })
  }
})

test('knows every chip by its number, and takes a missing one for 0', () => {
  for (const [chip, number] of Object.entries(HW_ARCH)) assert.is(parseHefHeader(hefOf(1, told([0x08, number], null))).chip, chip)
  assert.equal(parseHefHeader(hefOf(1, told([0x08, 0], null))), { version: 1, chip: 'hailo8', sdkVersion: null })
  assert.is(parseHefHeader(hefOf(1, told([], '1.0'))).chip, 'hailo8')
  assert.is(
    codeOf(() => parseHefHeader(hefOf(1, told([0x08, 9], null)))),
    'HEF_OTHER_CHIP',
  )
  assert.is(
    codeOf(() => parseHefHeader(hefOf(1, told([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], null)))),
    'HEF_OTHER_CHIP',
  )
})

test('passes over fields that it does not know, and over what lies behind the bytes it has', () => {
  const before = [0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x45, 1, 2, 3, 4, 0x50, 0x96, 0x01, 0x5a, 2, 0x0a, 0x0a]
  const cutShort = [0x12, 0xff, 0xff, 0x7f, 1, 2, 3]
  const bytes = hefOf(1, [...before, ...told([0x08, 3], '3.29.0'), ...cutShort], 3_000_000)
  assert.equal(parseHefHeader(bytes), { version: 1, chip: 'hailo8l', sdkVersion: '3.29.0' })
})

test('refuses what is no HEF, and names the file', () => {
  const good = told([0x08, 3], null)
  const bad: readonly Uint8Array[] = [
    Buffer.alloc(0),
    Buffer.from('not a HEF at all, but long enough to be one'),
    Buffer.from('\u007fELF'),
    hefOf(1, good).subarray(0, 4),
    hefOf(4, good),
    hefOf(0xffffffff, good),
    hefOf(1, []),
    hefOf(1, good, 0),
    hefOf(1, good, 3),
    hefOf(1, [0x08, 3]),
    hefOf(1, [0x0a, 0x7f, 0x08, 3]),
    hefOf(1, [0x0a, 3, 0x08, 0xff, 0xff]),
    hefOf(1, [0x0a, 2, 0x0a, 0]),
    hefOf(1, [0x0b, 0x0c]),
    hefOf(
      1,
      Array.from({ length: 64 }, () => 0xff),
    ),
  ]
  for (const bytes of bad)
    assert.is(
      codeOf(() => parseHefHeader(bytes, 'door.hef')),
      'HEF_INVALID',
      Buffer.from(bytes).toString('hex'),
    )
  assert.throws(() => parseHefHeader(Buffer.alloc(0), 'door.hef'), /^door\.hef is no HEF file\. Copy the file again/)
})

test('a file cut short at any byte gives its header or a HefError', () => {
  for (const version of [0, 1, 2, 3]) {
    const whole = hefOf(version, told([0x08, 3], '3.29.0'))
    for (let length = 0; length < whole.length; length++) {
      assert.is(
        codeOf(() => parseHefHeader(whole.subarray(0, length))),
        'HEF_INVALID',
        `${length} bytes`,
      )
    }
  }
})

test('random bytes, behind a right header too, give a header or a HefError and nothing else', () => {
  for (let round = 0; round < 20_000; round++) {
    const noise = randomBytes(round % 200)
    codeOf(() => parseHefHeader(noise))
    codeOf(() => parseHefHeader(hefOf(round % 4, [...noise])))
    codeOf(() => parseHefHeader(hefOf(round % 4, [0x0a, noise.length % 128, ...noise])))
  }
})

test('a changed byte in a good file gives a header or a HefError and nothing else', () => {
  const whole = hefOf(1, told([0x08, 3], '3.29.0'))
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const changed = Buffer.from(whole)
      changed[at] = value
      codeOf(() => parseHefHeader(changed))
    }
  }
})

test('reads one KB of a file, and says which file it cannot read', async () => {
  const good = hefOf(1, told([0x08, 3], '3.29.0'), 900_000)
  const far = hefOf(1, [0x12, 0xe8, 0x07, ...Buffer.alloc(1_000), ...told([0x08, 3], null)])
  await using tree = await Tree.make({ 'good.hef': Buffer.concat([good, Buffer.alloc(900_000)]), 'far.hef': far, 'empty.hef': '' })
  assert.is((await readHefHeader(tree.at('good.hef'))).chip, 'hailo8l')
  const failures = { 'far.hef': 'HEF_INVALID', 'empty.hef': 'HEF_INVALID', 'none.hef': 'HEF_UNREADABLE', '.': 'HEF_UNREADABLE' }
  for (const [name, code] of Object.entries(failures)) {
    const error: unknown = await readHefHeader(tree.at(name)).catch((caught: unknown) => caught)
    assert.instance(error, HefError)
    assert.is((error as HefError).code, code)
    assert.match((error as HefError).what, tree.at(name))
  }
})

test('a named pipe and a device are refused, and nobody waits for them', async () => {
  await using tree = await Tree.make()
  const pipe = tree.at('pipe.hef')
  await promisify(execFile)('mkfifo', [pipe])
  for (const file of [pipe, '/dev/zero']) {
    const failed = readHefHeader(file).catch((caught: unknown) => caught)
    const error = await Promise.race([failed, sleep(20_000, 'waits', { ref: false })])
    // A read that waits would keep this process for ever.
    if (error === 'waits') await open(pipe, constants.O_RDWR)
    assert.is(error instanceof HefError && error.code, 'HEF_UNREADABLE', file)
  }
})

test('a Hailo-8 runs its own files and those of an 8L, an 8L only its own, and nothing runs an 8R file', () => {
  const runs = (architecture: Architecture) =>
    (Object.keys(HW_ARCH) as HefChip[]).filter((chip) => codeOf(() => checkHef({ chip }, architecture)) === null)
  assert.equal(runs('HAILO8'), ['hailo8', 'hailo8l'])
  assert.equal(runs('HAILO8_A0'), ['hailo8', 'hailo8l'])
  assert.equal(runs('HAILO8L'), ['hailo8l'])
  assert.equal(runs('HAILO10H'), ['hailo10h', 'hailo15h'])
  assert.equal(runs('HAILO15H'), ['hailo15h'])
})

test('the message about a wrong chip names both chips', () => {
  assert.throws(
    () => checkHef({ chip: 'hailo8' }, 'HAILO8L', 'yolov8s_h8.hef'),
    /^yolov8s_h8\.hef was compiled for the Hailo-8, this chip is a Hailo-8L\. Take .* \[HEF_OTHER_CHIP\]$/,
  )
  assert.is(chipName('HAILO8_A0'), 'Hailo-8')
})

test('a file read whole is the same as its first KB', async () => {
  const file = dataFile('hef/hailo8-v1.head.hef')
  if (file === null) return
  assert.equal(parseHefHeader(await readFile(file)), await readHefHeader(file))
})

test.run()
