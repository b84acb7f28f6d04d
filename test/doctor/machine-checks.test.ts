import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { streamSchema } from '../../agent/config/stream-schema.ts'
import { checkClock } from '../../agent/doctor/clock-check.ts'
import { checkDisk } from '../../agent/doctor/disk-check.ts'
import type { Finding, Severity } from '../../agent/doctor/finding.ts'
import { checkHistory } from '../../agent/doctor/history-check.ts'
import { MachineFiles } from '../../agent/doctor/machine-files.ts'
import { checkMemory } from '../../agent/doctor/memory-check.ts'
import { mountOf } from '../../agent/doctor/mounts.ts'
import { checkTemperature } from '../../agent/doctor/temperature-check.ts'
import { checkTmpfs } from '../../agent/doctor/tmpfs-check.ts'
import { checkWear } from '../../agent/doctor/wear-check.ts'
import { MIGRATIONS } from '../../agent/history/schema.ts'
import { type Files, Tree } from '../support/tree.ts'

/** Asks something of a machine with these files. */
async function on<Answer>(files: Files, ask: (machine: MachineFiles) => Promise<Answer>): Promise<Answer> {
  await using tree = await Tree.make(files)
  return await ask(new MachineFiles(tree.path))
}

function told(finding: Finding | null | undefined, severity: Severity, words: string | RegExp): void {
  assert.is(finding?.severity, severity, finding?.what)
  assert.match(finding?.what ?? '', words)
  // Whoever is told that something is wrong is told what to do.
  if (severity === 'failed' || severity === 'warning') assert.ok(finding?.remedy && finding.why, finding?.what)
}

const MOUNTS = [
  '/dev/mmcblk0p2 / ext4 rw,noatime 0 0',
  'tmpfs /run tmpfs rw,nosuid,size=200000k 0 0',
  '/dev/sda1 /var/lib/my\\040disk vfat rw 0 0',
  '/dev/sdb1 /mnt/broken ext4 ro,relatime,errors=remount-ro 0 0',
  'tmpfs /mnt/over ramfs rw 0 0',
  'proc /mnt/over proc rw 0 0',
].join('\n')
const room = (availableBytes: number) => async () => ({ totalBytes: 10 * availableBytes, availableBytes })
const noRoomTold = () => Promise.reject(new Error('EACCES'))

const test = suite('doctor: the machine')

test('finds the file system of a folder: the longest place, the last of two, names with blanks', async () => {
  const places = ['/home/pi', '/run/headcount', '/runner', '/var/lib/my disk/x', '/mnt/broken', '/mnt/over/x']
  const found = await on({ 'proc/self/mounts': MOUNTS }, (files) => Promise.all(places.map((place) => mountOf(files, place))))
  assert.equal(
    found.map((mount) => mount?.type),
    ['ext4', 'tmpfs', 'ext4', 'vfat', 'ext4', 'proc'],
  )
  assert.equal(
    found.map((mount) => mount?.readOnly),
    [false, false, false, false, true, false],
  )
  assert.is(await on({}, (files) => mountOf(files, '/')), null)
})

test('a disk is fine with room, scarce, full, read-only, or does not tell', async () => {
  const disk = (folder: string, bytes: number) => on({ 'proc/self/mounts': MOUNTS }, (files) => checkDisk(files, folder, room(bytes)))
  told(await disk('/var/lib/headcount', 2e9), 'ok', '2000 MB are free')
  told(await disk('/var/lib/headcount', 3e8), 'warning', 'Only 300 MB')
  told(await disk('/var/lib/headcount', 0), 'failed', 'Only 0 MB')
  told(await disk('/mnt/broken/state', 2e9), 'failed', 'read-only')
  told(await on({}, (files) => checkDisk(files, '/x', noRoomTold)), 'note', 'cannot be told')
})

test('an eMMC tells how worn it is, an SD card does not', async () => {
  const card = (type: string, lifeTime: string, preEol: string): Files => ({
    'sys/block/mmcblk0/device/type': `${type}\n`,
    'sys/block/mmcblk0/device/name': 'DG4016\n',
    'sys/block/mmcblk0/device/life_time': lifeTime,
    'sys/block/mmcblk0/device/pre_eol_info': preEol,
    'sys/block/mmcblk0boot0/device/type': 'MMC\n',
    'sys/block/sda/size': '1\n',
  })
  const cases: readonly [string, string, string, Severity, string][] = [
    ['MMC', '0x01 0x02\n', '0x01\n', 'ok', 'up to 20 %'],
    ['MMC', '0x09 0x02\n', '0x01\n', 'warning', 'up to 90 %'],
    ['MMC', '0x0b 0x01\n', '0x01\n', 'failed', 'more than all'],
    ['MMC', '0x01 0x01\n', '0x02\n', 'warning', 'most of its reserve'],
    ['MMC', '0x01 0x01\n', '0x03\n', 'failed', 'most of its reserve'],
    ['SD', '', '', 'note', 'SD card: it does not tell'],
  ]
  for (const [type, lifeTime, preEol, severity, words] of cases) {
    const findings = await on(card(type, lifeTime, preEol), checkWear)
    assert.is(findings.length, 1)
    told(findings[0], severity, words)
  }
  for (const files of [card('MMC', '0x00 0x00\n', '0x00\n'), card('MMC', 'rubbish', ''), card('MMC', '0xff', ''), {}])
    assert.equal(await on(files, checkWear), [])
})

test('the hottest sensor that can be one is judged', async () => {
  const zones = (...temps: string[]): Files =>
    Object.fromEntries(
      temps.flatMap((temp, index) => [
        [`sys/class/thermal/thermal_zone${index}/type`, `zone${index}\n`],
        [`sys/class/thermal/thermal_zone${index}/temp`, `${temp}\n`],
      ]),
    )
  told(await on(zones('41500', '30000'), checkTemperature), 'ok', 'zone0 has 41.5 °C')
  told(await on(zones('30000', '77000'), checkTemperature), 'note', '77.0')
  told(await on(zones('82000'), checkTemperature), 'warning', '82.0')
  told(await on(zones('50000', '255000'), checkTemperature), 'ok', '50.0')
  for (const files of [{}, zones('-1000'), zones('warm')]) assert.is(await on(files, checkTemperature), null)
})

test('memory that is scarce, and a kernel that had to end somebody', async () => {
  const memory = (availableMb: number, killed = 0): Files => ({
    'proc/meminfo': `MemTotal:        4096000 kB\nMemFree:  100 kB\nMemAvailable:    ${availableMb * 1_024} kB\n`,
    'proc/vmstat': `pgfault 7\noom_kill ${killed}\n`,
  })
  const [fine, ...more] = await on(memory(2_000), checkMemory)
  told(fine, 'ok', '2000 of 4000 MB')
  assert.equal(more, [])
  told((await on(memory(150), checkMemory))[0], 'warning', 'Only 150')
  told((await on(memory(20), checkMemory))[0], 'failed', 'Only 20')
  told((await on(memory(2_000, 1), checkMemory))[1], 'warning', 'ended 1 process for')
  assert.equal(await on({}, checkMemory), [])
})

test('a clock follows a server, does not, is absurd, or does not tell', async () => {
  const nowMs = Date.parse('2026-06-01T00:00:00Z')
  const clock = (files: Files, answer: string | null, installedMs = nowMs - 1_000) =>
    on(files, (machine) => checkClock(machine, { ask: async () => answer, nowMs, installedMs }))
  told(await clock({ 'run/systemd/timesync/synchronized': '' }, null), 'ok', 'follows a time server: 2026-06-01')
  told(await clock({}, 'yes\n'), 'ok', 'follows a time server')
  told(await clock({}, 'no\n'), 'warning', 'follows no time server')
  told(await clock({}, null), 'note', 'cannot be told')
  told(await clock({}, 'what?'), 'note', 'cannot be told')
  told(await clock({ 'run/systemd/timesync/synchronized': '' }, 'yes', nowMs + 1_000), 'failed', 'before headcount was installed')
})

test('rings must be in memory, and find room there', async () => {
  const stream = (id: string) => streamSchema.parse({ id, source: 'test', ring: { slots: 10 } })
  const tmpfs = (runtimeDir: string, bytes: number, streams = [stream('a'), stream('b')], files: Files = {}) =>
    on({ 'proc/self/mounts': MOUNTS, ...files }, (machine) =>
      checkTmpfs(machine, { runtimeDir, streams, backend: 'hailo', ask: room(bytes) }),
    )
  // 640×480 in I420 and a head of 8 KiB, in pages, ten times, and twice.
  const needed = 2 * (4_096 + 10 * 471_040)
  told(await tmpfs('/run/headcount', needed), 'ok', '9 MB of the 9 MB')
  told(await tmpfs('/run/headcount', needed - 1), 'failed', 'more than there is')
  told(await tmpfs('/run/headcount', needed - 1, [stream('a')]), 'ok', '1 stream.')
  const running = { 'run/headcount/rings/a.1.ring': Buffer.alloc(500_000) }
  told(await tmpfs('/run/headcount', needed - 500_000, undefined, running), 'ok', '2 streams')
  told(await tmpfs('/home/pi/rings', 1e12), 'warning', 'ext4')
  const untold = await on({ 'proc/self/mounts': MOUNTS }, (machine) =>
    checkTmpfs(machine, { runtimeDir: '/run/headcount', streams: [], backend: 'hog', ask: noRoomTold }),
  )
  told(untold, 'note', 'cannot be told')
})

test('a history is none, ours, of a newer version, or broken; files set aside are named', async () => {
  const header = (version: number) => {
    const bytes = Buffer.alloc(4_096)
    bytes.write('SQLite format 3\0', 'latin1')
    bytes.writeUInt32BE(version, 60)
    return bytes
  }
  const history = async (files: Files) => on(files, (machine) => checkHistory(machine, '/state/history'))
  const one = async (content: Buffer | string) => (await history({ 'state/history/history.sqlite': content }))[0]
  told((await history({}))[0], 'ok', 'no history yet')
  told(await one(''), 'ok', 'no history yet')
  told(await one(header(MIGRATIONS.length)), 'ok', `of version ${MIGRATIONS.length}`)
  told(await one(header(MIGRATIONS.length + 1)), 'warning', `this headcount knows versions up to ${MIGRATIONS.length}`)
  told(await one('rubbish'), 'warning', 'not a database')
  told((await history({ 'state/history/history.sqlite/x': '' }))[0], 'note', 'EISDIR')
  const aside = await history({
    'state/history/history.sqlite.broken-20260101T000000': '',
    'state/history/history.sqlite.broken-20260101T000000-wal': '',
    'state/history/history.sqlite-wal': '',
  })
  told(aside[1], 'warning', /set aside in \/state\/history: history\.sqlite\.broken-20260101T000000\.$/)
})

test.run()
