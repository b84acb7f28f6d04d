import type { AskProgram } from './ask-program.ts'
import { type Finding, ok } from './finding.ts'

const CHECK = 'service'
const EXIT_CONFIG = '78'
const SEE_LOG = 'Its last words: journalctl -u headcount -n 50'
const MANY_RESTARTS = 3
const PROPERTIES = ['LoadState', 'ActiveState', 'SubState', 'Result', 'NRestarts', 'ExecMainStatus', 'UnitFileState', 'StatusText']

/** How does the service do, as systemd sees it? */
export async function checkService(ask: AskProgram): Promise<Finding> {
  const told = await ask('systemctl', ['show', 'headcount.service', `--property=${PROPERTIES.join(',')}`])
  if (told === null) return note('systemd does not answer here: whether a service runs cannot be told.', null)
  const properties = new Map(told.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const))
  const of = (name: string) => properties.get(name) ?? ''
  if (of('LoadState') !== 'loaded')
    return note('headcount is not installed as a service.', 'sudo ./install.sh makes it one that starts with the machine.')
  const restarts = Number(of('NRestarts')) || 0
  const state = `${of('ActiveState')} (${of('SubState')})`
  switch (of('ActiveState')) {
    case 'active':
      return running(state, restarts, of)
    case 'failed':
      return failed(of)
    case 'activating':
      return restarts > 0 ? again(state, restarts) : note(`The service is starting: ${state}.`, null)
    default: {
      const remedy = 'Start it: sudo systemctl start headcount; at each boot: sudo systemctl enable headcount'
      return { check: CHECK, severity: 'warning', what: `The service does not run: ${state}.`, why: 'Nobody is counted.', remedy }
    }
  }
}

function running(state: string, restarts: number, of: (name: string) => string): Finding {
  const status = of('StatusText') === '' ? '' : ` "${of('StatusText')}"`
  if (restarts >= MANY_RESTARTS) return again(state, restarts)
  const what = `The service runs: ${state}, ${restarts === 0 ? 'never' : `${restarts} times`} started again by systemd.${status}`
  if (of('UnitFileState') !== 'disabled') return ok(CHECK, what)
  const why = 'It will not be there after the machine was started again.'
  return {
    check: CHECK,
    severity: 'warning',
    what: `${what} It is not enabled.`,
    why,
    remedy: 'Enable it: sudo systemctl enable headcount',
  }
}

function again(state: string, restarts: number): Finding {
  const what = `systemd had to start the service again ${restarts} times; now it is ${state}.`
  return { check: CHECK, severity: 'warning', what, why: 'Each time nobody was counted for a while.', remedy: SEE_LOG }
}

function failed(of: (name: string) => string): Finding {
  const config = of('ExecMainStatus') === EXIT_CONFIG
  const what = config
    ? 'The service has ended because its configuration is wrong (exit code 78).'
    : `The service has ended: ${of('Result')}, exit code ${of('ExecMainStatus')}.`
  const remedy = config ? 'Correct what "sudo headcount config check" says, then: sudo systemctl restart headcount' : SEE_LOG
  return { check: CHECK, severity: 'failed', what, why: 'Nobody is counted.', remedy }
}

function note(what: string, remedy: string | null): Finding {
  return { check: CHECK, severity: 'note', what, why: null, remedy }
}
