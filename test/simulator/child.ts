// One scenario in a process of its own: what the library reads once, it reads here. Prints what came of it as JSON.
const [, , area = '', name = ''] = process.argv
const module_ = (await import(`./${area}-scenarios.js`)) as { scenarios: Record<string, () => unknown> }
const scenario = module_.scenarios[name]
if (!scenario) throw new Error(`No scenario of ${area} is called ${name}`)
process.stdout.write(`${JSON.stringify(await scenario())}\n`)
