import type { Command } from './command.ts'

/** Looks for what is wrong with the machine. */
export const doctorCommand: Command = {
  name: 'doctor',
  words: '',
  about: 'Checks this machine: what is wrong, why it matters, and what to do.',
  options: { json: { type: 'boolean', about: 'One JSON object instead of a list.' } },
  wordCount: [0, 0],
  async run({ values, signal, out }) {
    const { examineThisMachine } = await import('../doctor/doctor.ts')
    const { reportText } = await import('../doctor/report.ts')
    const findings = await examineThisMachine(process.env, signal)
    const fine = !findings.some(({ severity }) => severity === 'failed')
    out(values['json'] === true ? `${JSON.stringify({ ok: fine, findings }, null, 2)}\n` : reportText(findings))
    return fine ? 0 : 1
  },
}
