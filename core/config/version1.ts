// Plans as Arche 0.1 wrote them (configuration and exports of version 1), brought to what they are now.
// Guarantees: what is not known is left as it is, so that whoever checks the result finds it.

/** One place and one set of rules became the first of the destinations. Its id is that of the plan, so that the same file gives the same plans. */
export function plansOfVersion1(plans: unknown): unknown {
  return Array.isArray(plans) ? plans.map(planOfVersion1) : plans
}

function planOfVersion1(plan: unknown): unknown {
  if (typeof plan !== 'object' || plan === null || !('store' in plan)) return plan
  const { store, keep, ...rest } = plan as Record<string, unknown>
  const destination = { id: rest.id, place: store, via: 'run', ...(keep === undefined ? {} : { keep }) }
  return { ...rest, destinations: [destination] }
}
