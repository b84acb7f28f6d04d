import { type Command, type CommandContext, textValue } from './command.ts'
import { openHeldEnd } from './held-end.ts'

const EXIT_FAILED = 1

/** Looks for what is wrong with the machine. */
export const doctorCommand: Command = {
  name: 'doctor',
  words: '',
  about: 'Checks this machine: what is wrong, why it matters, and what to do.',
  options: {
    json: { type: 'boolean', about: 'One JSON object instead of a list.' },
    bundle: {
      type: 'string',
      value: 'FILE',
      about: 'Also writes a new archive (.tar.gz) for a bug report: findings, log and versions, no secrets, no pictures.',
    },
  },
  wordCount: [0, 0],
  async run(context) {
    const end = await openHeldEnd()
    let code = EXIT_FAILED
    try {
      code = await examineAndTell(context)
      return code
    } finally {
      end(code)
    }
  },
}

async function examineAndTell({ values, signal, out }: CommandContext): Promise<number> {
  const { examine } = await import('../doctor/doctor.ts')
  const { thisMachine } = await import('../doctor/examination.ts')
  const { reportText } = await import('../doctor/report.ts')
  const { refuseExisting, writeBundle } = await import('../doctor/bundle.ts')
  const bundle = textValue(values['bundle'])
  if (bundle !== undefined) await refuseExisting(bundle)
  const machine = await thisMachine(process.env, signal)
  const findings = await examine(machine)
  const fine = !findings.some(({ severity }) => severity === 'failed')
  out(values['json'] === true ? `${JSON.stringify({ ok: fine, findings }, null, 2)}\n` : reportText(findings))
  if (bundle !== undefined) {
    const { bundleContents } = await import('../doctor/bundle-contents.ts')
    await writeBundle(bundle, await bundleContents(machine, findings))
    process.stderr.write(`${bundle} is written. Secrets and pictures were left out; look through it before you give it away.\n`)
  }
  return fine ? 0 : EXIT_FAILED
}
