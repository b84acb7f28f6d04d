import { dirname } from 'node:path'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'
import { joining, type MayUse, nameOf } from './ownership.ts'

const CHECK = 'rights'
const DEVICE_GROUPS = ['video', 'render']

export interface RightsQuestion {
  readonly stateDir: string
  /** Files with a secret in them that the configuration names, by its key. */
  readonly secretFiles: ReadonlyMap<string, string>
  readonly mayUse: MayUse
  readonly mayRead: MayUse
}

/** May this user write the state, read the secrets, and use cameras, and may nobody else read the secrets? */
export async function checkRights(files: MachineFiles, question: RightsQuestion): Promise<readonly Finding[]> {
  const found = await Promise.all([
    checkUser(files),
    checkStateDir(files, question),
    ...[...question.secretFiles].map(([key, path]) => checkSecretFile(files, { key, path, mayRead: question.mayRead })),
  ])
  return found.flat()
}

/** Who we are: /proc/self/status tells it as the kernel sees it (proc(5)). */
async function checkUser(files: MachineFiles): Promise<readonly Finding[]> {
  const status = (await files.text('/proc/self/status')) ?? ''
  const ids = (name: string) => (new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number)
  const [, uid] = ids('Uid')
  if (uid === undefined) return []
  if (uid === 0) {
    const what = 'This was run as root, who may do everything: what the user of the service may not do is not seen.'
    const installed = /^headcount:/m.test((await files.text('/etc/passwd')) ?? '')
    const remedy = installed ? 'To see it too, run: sudo -u headcount headcount doctor' : null
    return [{ check: CHECK, severity: 'note', what, why: null, remedy }]
  }
  const name = await nameOf(files, '/etc/passwd', uid)
  const groups = await Promise.all([...new Set([...ids('Gid').slice(1, 2), ...ids('Groups')])].map((id) => nameOf(files, '/etc/group', id)))
  const lacking = await Promise.all(DEVICE_GROUPS.map(async (group) => !groups.includes(group) && (await groupHasDevices(files, group))))
  const missing = DEVICE_GROUPS.filter((_, index) => lacking[index] === true)
  if (missing.length === 0) return [ok(CHECK, `This user is ${name}, in the groups ${groups.join(', ')}.`)]
  const what = `The user ${name} is not in the ${missing.length === 1 ? 'group' : 'groups'} ${missing.join(', ')}.`
  return [{ check: CHECK, severity: 'warning', what, why: 'Cameras and decoders belong to them.', remedy: joining(missing.join(',')) }]
}

async function groupHasDevices(files: MachineFiles, group: string): Promise<boolean> {
  const line = ((await files.text('/etc/group')) ?? '').split('\n').find((each) => each.startsWith(`${group}:`))
  const id = Number(line?.split(':')[2] ?? Number.NaN)
  const paths = [
    ...(await files.names('/dev')).filter((name) => /^(video|media)\d+$/.test(name)).map((name) => `/dev/${name}`),
    ...(await files.names('/dev/dri')).map((name) => `/dev/dri/${name}`),
  ]
  const found = await Promise.all(paths.map((path) => files.stat(path)))
  return found.some((each) => typeof each !== 'string' && each.gid === id)
}

async function checkStateDir(files: MachineFiles, { stateDir, mayUse }: RightsQuestion): Promise<readonly Finding[]> {
  const place = await existing(files, stateDir)
  if (await mayUse(files.at(place))) return [ok(CHECK, `This user may write ${stateDir}.`)]
  const what = `This user may not write ${stateDir}${place === stateDir ? '' : `, which would have to be made in ${place}`}.`
  const why = 'History, token and changes made at run time are kept there.'
  const remedy = `As the user of the service: sudo -u headcount headcount doctor. To give it to this user: sudo chown -R "$USER" ${stateDir}`
  return [{ check: CHECK, severity: 'failed', what, why, remedy }]
}

/** The folder itself, or the one it would be made in. */
async function existing(files: MachineFiles, folder: string): Promise<string> {
  const found = await files.stat(folder)
  return found === 'ENOENT' && dirname(folder) !== folder ? existing(files, dirname(folder)) : folder
}

interface SecretFile {
  readonly key: string
  readonly path: string
  readonly mayRead: MayUse
}

async function checkSecretFile(files: MachineFiles, { key, path, mayRead }: SecretFile): Promise<readonly Finding[]> {
  const found = await files.stat(path)
  // The token is made with the first start.
  if (found === 'ENOENT' && key === 'http.tokenFile') return []
  if (typeof found === 'string' || !(await mayRead(files.at(path)))) {
    const what = `${path} of ${key} cannot be read by this user${typeof found === 'string' ? ` (${found})` : ''}.`
    const remedy = `Correct ${key}, or give the file to the service: sudo chown root:headcount ${path} && sudo chmod 0640 ${path}`
    return [{ check: CHECK, severity: 'failed', what, why: 'It is needed for a login.', remedy }]
  }
  if ((found.mode & 0o007) === 0) return []
  const what = `Everybody on this machine may use ${path} of ${key} (${(found.mode & 0o7777).toString(8).padStart(4, '0')}).`
  return [{ check: CHECK, severity: 'warning', what, why: 'There is a secret in it.', remedy: `Run: sudo chmod o-rwx ${path}` }]
}
