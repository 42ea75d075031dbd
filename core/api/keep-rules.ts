// The names of the rules of retention, apart from their schemas: threads of runs load no zod for plans.
export const keepRules = ['last', 'days', 'daily', 'weekly', 'monthly', 'yearly'] as const
