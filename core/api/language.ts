// The languages that Arche speaks. On its own, because several files of schemas need it.
// Does not hold sentences: see text/.
import { z } from 'zod'

export const Language = z.enum(['en', 'fr'])
export type Language = z.infer<typeof Language>
