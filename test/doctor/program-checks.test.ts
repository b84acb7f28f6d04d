import { chmod, stat } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bounded } from '../../agent/doctor/bounded.ts'
import { checkConfig } from '../../agent/doctor/config-check.ts'
import type { Finding, Severity } from '../../agent/doctor/finding.ts'
import { checkGStreamer, elementsIn, elementsOf } from '../../agent/doctor/gstreamer-check.ts'
import { MachineFiles } from '../../agent/doctor/machine-files.ts'
import { checkNode } from '../../agent/doctor/node-check.ts'
import { checkRights } from '../../agent/doctor/rights-check.ts'
import { checkService } from '../../agent/doctor/service-check.ts'
import { withServicePlaces } from '../../agent/doctor/service-places.ts'
import { probeSoftware, type SoftwareAnswer } from '../../agent/doctor/software-probe.ts'
import { AgentError } from '../../agent/errors.ts'
import { type Files, Tree } from '../support/tree.ts'

function told(finding: Finding | undefined, severity: Severity, words: string | RegExp): void {
  assert.is(finding?.severity, severity, finding?.what)
  assert.match(finding?.what ?? '', words)
  if (severity === 'failed' || severity === 'warning') assert.ok(finding?.remedy && finding.why, finding?.what)
}

const answered = (answer: Partial<SoftwareAnswer>) =>
  ({ state: 'answered', answer: { faults: {}, elements: {}, gstreamer: 'GStreamer 1.22.0', ...answer } }) as const

const test = suite('doctor: the program')

test('a check that hangs is a finding of its own, and one that fails for no foreseen reason is a bug', async () => {
  const { signal } = new AbortController()
  const [hung] = await bounded({ check: 'disk', find: () => new Promise(() => undefined) }, { limitMs: 20, signal })
  told(hung, 'warning', 'no answer within 0.02 s')
  assert.is(hung?.check, 'disk')
  const bug = await bounded({ check: 'x', find: () => Promise.reject(new TypeError('oops')) }, { limitMs: 60_000, signal }).catch(
    (error: unknown) => error,
  )
  assert.instance(bug, TypeError)
  const stop = new AbortController()
  const stopped = bounded({ check: 'x', find: () => new Promise(() => undefined) }, { limitMs: 60_000, signal: stop.signal }).catch(
    (error: unknown) => error,
  )
  stop.abort()
  assert.is(((await stopped) as Error).name, 'AbortError')
})

test('a configuration is valid, not there, not for this user, or wrong; what it says in vain is noted', () => {
  const config = { streams: [{}, {}] } as never
  told(checkConfig({ config, file: '/c.yaml', notes: [] }, true)[0], 'ok', '/c.yaml is valid: 2 streams')
  told(checkConfig({ config, file: null, notes: [] }, true)[0], 'note', 'does not exist')
  told(checkConfig({ config, file: '/c.yaml', notes: ['jobs is set in vain.'] }, true)[1], 'note', 'in vain')
  const denied = new AgentError('CONFIG_UNREADABLE', 'Cannot read it (EACCES).', {
    remedy: 'Check.',
    cause: Object.assign(new Error(), { code: 'EACCES' }),
  })
  assert.match(checkConfig(denied, false)[0]?.remedy ?? '', 'sudo headcount doctor')
  assert.is(checkConfig(denied, true)[0]?.remedy, 'Check.')
})

test('the service runs, restarts, failed, is stopped, not enabled, not installed, or systemd is not there', async () => {
  const service = async (properties: Record<string, string> | null) => {
    const all = { LoadState: 'loaded', SubState: 'running', NRestarts: '0', UnitFileState: 'enabled', StatusText: '', ...properties }
    const text = Object.entries(all).map(([name, value]) => `${name}=${value}`)
    return checkService(async () => (properties === null ? null : `${text.join('\n')}\n`))
  }
  told(await service({ ActiveState: 'active', StatusText: '2 of 2 streams = live' }), 'ok', '"2 of 2 streams = live"')
  told(await service({ ActiveState: 'active', NRestarts: '9' }), 'warning', 'again 9 times')
  told(await service({ ActiveState: 'active', UnitFileState: 'disabled' }), 'warning', 'not enabled')
  told(
    await service({ ActiveState: 'activating', SubState: 'auto-restart', NRestarts: '2' }),
    'warning',
    'again 2 times; now it is activating',
  )
  told(await service({ ActiveState: 'activating', SubState: 'start' }), 'note', 'is starting')
  told(await service({ ActiveState: 'inactive', SubState: 'dead' }), 'warning', 'does not run: inactive (dead)')
  told(
    await service({ ActiveState: 'failed', Result: 'exit-code', ExecMainStatus: '78' }),
    'failed',
    'configuration is wrong (exit code 78)',
  )
  told(await service({ ActiveState: 'failed', Result: 'watchdog', ExecMainStatus: '6' }), 'failed', 'watchdog, exit code 6')
  told(await service({ LoadState: 'not-found' }), 'note', 'not installed')
  told(await service(null), 'note', 'systemd does not answer')
})

test('Node is new enough or not, and native parts were built for it or not', () => {
  const node = (version: string, probe: Parameters<typeof checkNode>[2] = answered({})) =>
    checkNode({ node: version, modules: '115' }, '>=20.19', probe)
  for (const [version, severity] of [
    ['20.19.0', 'ok'],
    ['20.19.4', 'ok'],
    ['24.0.0', 'ok'],
    ['20.18.9', 'failed'],
    ['18.20.4', 'failed'],
    ['20.9.0', 'failed'],
  ] as const)
    told(node(version)[0], severity, version)
  told(node('22.0.0', answered({ faults: { koffi: null } }))[1], 'ok', 'All native parts load')
  const other =
    "The module 'better_sqlite3.node' was compiled against a different Node.js version using\nNODE_MODULE_VERSION 127. This version requires 115."
  told(
    node('22.0.0', answered({ faults: { 'better-sqlite3': other } }))[1],
    'failed',
    'better-sqlite3 was built for another Node than this one (interface 115)',
  )
  told(node('22.0.0', answered({ faults: { koffi: 'no such file\nat x' } }))[1], 'failed', /koffi cannot be loaded: no such file$/)
  told(node('22.0.0', { state: 'hung', limitMs: 15_000 })[1], 'failed', 'within 15 s')
  told(node('22.0.0', { state: 'died', how: 'SIGSEGV' })[1], 'failed', 'SIGSEGV')
})

test('the elements of a source are those of its template, whatever stands in comments and values', () => {
  assert.equal(
    elementsIn(
      '# decodebin ! here\nfilesrc name=source\n\n# and\n! capsfilter caps="video/x-raw ! image"\n! video/x-raw, a=b\n! hcfit a={b}',
    ),
    ['filesrc', 'capsfilter', 'hcfit'],
  )
  const all = elementsOf(['rtsp', 'v4l2', 'file', 'libcamera', 'test'])
  for (const name of [
    'rtspsrc',
    'v4l2src',
    'filesrc',
    'libcamerasrc',
    'videotestsrc',
    'decodebin',
    'hcfit',
    'hcringsink',
    'videoflip',
    'avdec_h264',
  ])
    assert.ok(all.includes(name), name)
  assert.is(new Set(all).size, all.length)
})

test('elements that are missing are told with the package that has them', () => {
  const but = (...missing: string[]) =>
    answered({ elements: Object.fromEntries(elementsOf(['rtsp', 'test']).map((name) => [name, !missing.includes(name)])) })
  const [fine, ...more] = checkGStreamer(['rtsp', 'test'], but())
  told(fine, 'ok', 'GStreamer 1.22.0 has all')
  assert.equal(more, [])
  const [missing] = checkGStreamer(['rtsp', 'test'], but('rtspsrc'))
  told(missing, 'failed', 'lacks rtspsrc')
  assert.match(missing?.remedy ?? '', 'sudo apt install gstreamer1.0-plugins-good')
  const [decoder] = checkGStreamer(['rtsp'], but('avdec_h264', 'openh264dec', 'v4l2h264dec', 'v4l2slh264dec'))
  told(decoder, 'warning', 'lacks avdec_h264')
  assert.match(decoder?.remedy ?? '', 'gstreamer1.0-libav')
  assert.is(checkGStreamer(['rtsp'], but('avdec_h264'))[0]?.severity, 'ok', 'another decoder will do')
  const own = (name: string | null) => answered({ elements: Object.fromEntries(elementsOf([]).map((each) => [each, each !== name])) })
  told(checkGStreamer([], own(null))[0], 'ok', /^GStreamer 1\.22\.0 is there\.$/)
  told(checkGStreamer([], own('videoconvertscale'))[0], 'failed', 'lacks videoconvertscale')
  for (const probe of [answered({ elements: null }), { state: 'died', how: 'SIGSEGV' } as const])
    told(checkGStreamer(['test'], probe)[0], 'failed', 'cannot be asked')
})

test('this machine is asked in a process of its own', async () => {
  const { signal } = new AbortController()
  const question = {
    modules: ['koffi', 'better-sqlite3', 'gstreamer-superficial', 'hailort-node/ringsink', 'no-such-module'],
    elements: ['videotestsrc', 'hcfit', 'nosuchelement'],
  }
  const probe = await probeSoftware(question, { env: process.env, signal })
  assert.is(probe.state, 'answered')
  if (probe.state !== 'answered') return
  const { faults, elements, gstreamer } = probe.answer
  assert.equal(elements, { videotestsrc: true, hcfit: true, nosuchelement: false })
  assert.match(gstreamer ?? '', /^GStreamer 1\./)
  assert.equal(
    Object.keys(faults).filter((name) => faults[name] !== null),
    ['no-such-module'],
  )
})

const STATUS = 'Name:\tnode\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t44 1000\n'

/** What is found on a machine where this user may use what `allowed` says. */
async function rights(files: Files, allowed: (path: string) => boolean, modes: Readonly<Record<string, number>> = {}) {
  await using tree = await Tree.make({
    'etc/passwd': 'pi:x:1000:1000::/home/pi:/bin/sh\n',
    'etc/group': `root:x:0:\nvideo:x:44:pi\npi:x:1000:\n`,
    ...files,
  })
  for (const [path, mode] of Object.entries(modes)) await chmod(tree.at(path), mode)
  const may = async (path: string) => allowed(path.slice(tree.path.length))
  const secretFiles = new Map(
    ['mqtt-password', 'token'].map((name) => [name === 'token' ? 'http.tokenFile' : 'mqtt.passwordFile', `/secret/${name}`]),
  )
  return await checkRights(new MachineFiles(tree.path), { stateDir: '/var/lib/headcount', secretFiles, mayUse: may, mayRead: may })
}

test('user, groups and the state folder are told', async () => {
  const secrets = { 'secret/mqtt-password': 'x' }
  const closed = { 'secret/mqtt-password': 0o640 }
  const [user, state, ...more] = await rights({ 'proc/self/status': STATUS, 'var/lib/headcount/x': '', ...secrets }, () => true, closed)
  told(user, 'ok', 'This user is pi, in the groups pi, video.')
  told(state, 'ok', '/var/lib/headcount')
  assert.equal(more, [])
  const alone = { 'proc/self/status': STATUS.replace('44 1000', ' ').concat('NStgid:\t28102\n'), ...secrets }
  told((await rights(alone, () => true, closed))[0], 'ok', 'in the groups pi.')
  const [root] = await rights({ 'proc/self/status': STATUS.replaceAll('1000', '0'), ...secrets }, () => true, closed)
  told(root, 'note', 'root')
  const [, denied] = await rights({ 'proc/self/status': STATUS, ...secrets, 'var/lib/x': '' }, (path) => path !== '/var/lib', closed)
  told(denied, 'failed', 'would have to be made in /var/lib.')
})

test('a user outside of the group that cameras belong to is told how to join it', async () => {
  await using probe = await Tree.make({ file: '' })
  const { gid } = await stat(probe.at('file'))
  // Devices of the fake machine belong to whoever runs this test.
  const group = `video:x:${gid}:\npi:x:1000:\n`
  const files = { 'proc/self/status': STATUS.replace('44 1000', '1000'), 'etc/group': group, 'dev/video0': '', 'secret/mqtt-password': '' }
  const [user] = await rights(files, () => true, { 'secret/mqtt-password': 0o600 })
  told(user, 'warning', 'pi is not in the group video')
  assert.match(user?.remedy ?? '', 'usermod -aG video')
})

test('a secret that cannot be read fails, one that everybody reads warns, a token that is not made yet is none', async () => {
  const missing = (await rights({ 'proc/self/status': STATUS, 'secret/x': '' }, () => true)).slice(2)
  assert.is(missing.length, 1)
  told(missing[0], 'failed', '/secret/mqtt-password of mqtt.passwordFile cannot be read by this user (ENOENT)')
  const files = { 'proc/self/status': STATUS, 'secret/mqtt-password': '', 'secret/token': '' }
  const [open] = (await rights(files, () => true, { 'secret/mqtt-password': 0o644, 'secret/token': 0o640 })).slice(2)
  told(open, 'warning', 'Everybody on this machine may use /secret/mqtt-password')
  const [denied] = (
    await rights(files, (path) => path !== '/secret/token', { 'secret/mqtt-password': 0o640, 'secret/token': 0o640 })
  ).slice(2)
  told(denied, 'failed', '/secret/token')
})

test('folders of an installed service are looked at, unless the environment names others', async () => {
  await using bare = await Tree.make()
  await using installed = await Tree.make({ 'etc/systemd/system/headcount.service': '[Unit]\n' })
  assert.equal(await withServicePlaces(new MachineFiles(bare.path), { A: 'b' }), { A: 'b' })
  const files = new MachineFiles(installed.path)
  assert.equal(await withServicePlaces(files, {}), {
    HEADCOUNT_STATE_DIR: '/var/lib/headcount',
    HEADCOUNT_RUNTIME_DIR: '/run/headcount',
    CACHE_DIRECTORY: '/var/cache/headcount',
  })
  const own = { HEADCOUNT_STATE_DIR: '/mine', RUNTIME_DIRECTORY: '/run/x', CACHE_DIRECTORY: '/c' }
  assert.equal(await withServicePlaces(files, own), own)
})

test.run()
