// Uses the keychain as it finds it, for a data folder (first argument): what `problem`, `set`, `get` and `remove` give, each as a line of JSON;
// then ends by itself.
import { openSecrets } from '../../../core/access/secrets.ts'

const secrets = openSecrets(process.argv[2] ?? '', { reach: Number(process.argv[3] ?? 5000), deed: 20_000 })
const deeds = [
  () => secrets.problem(),
  () => secrets.set('key', 'value'),
  () => secrets.get('key'),
  () => secrets.remove('key'),
]
for (const deed of deeds) {
  const result = await deed().then(
    (value) => value ?? 'nothing',
    (error) => ({ code: error.code, details: error.details }),
  )
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
