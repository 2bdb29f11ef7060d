// Package policies is the policy plane of the emulated tenant, the service
// behind the Teams admin centre and the Teams PowerShell module: policy
// definitions, user and group assignments, batch operations and the
// tenant-wide apps settings, under /Skype.Policy, /Teams.MiddletierService and
// /Teams.Tenant.
//
// The real service is not documented. Routes and bodies follow what public
// clients were seen to use; where no source shows one, the comment at the
// operation says "inferred".
//
// It imports the emulator's auth, ids, store and wire packages.
package policies
