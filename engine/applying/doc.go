// Package applying executes plans: phase by phase, in batches, with an intent
// journaled before each and a result after it, and reads back what was sent.
// It decides nothing; what is to happen is in the plan.
//
// It may import engine, state and the leaves.
package applying
