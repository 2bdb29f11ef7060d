// Package teamsadmin speaks to the policy plane of Teams: definitions of app policies, their assignment to groups, and
// the organisation's switch for custom apps, and app-centric management. Microsoft Graph has none of these.
//
// Admin is what the rest of the module depends on; Reader is its half that cannot write. HTTP is one transport behind
// it: the interface that Microsoft's own PowerShell module uses, which is undocumented and may change (experimental
// on a real tenant; it is what the emulated tenant speaks).
//
// It may import the standard library, azcore and internal/httpx, and nothing else of this module.
package teamsadmin
