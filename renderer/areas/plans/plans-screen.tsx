// The plans: what is backed up, when, and where to.
import { PlanList } from './plan-list.tsx'

export function PlansScreen() {
  return (
    <div className="column">
      <PlanList />
    </div>
  )
}
