// Package reverting turns an applied plan into what a plan that takes it back
// wants: the objects and people as they were before.
//
// It may import config, the model of plans and the leaves.
package reverting
