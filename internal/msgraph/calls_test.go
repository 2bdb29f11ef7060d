package msgraph_test

import (
	"context"

	"github.com/teamsform/teamsform/internal/msgraph"
)

const (
	appID   = "b1c5353a-7aca-41b3-830f-27d5218fe0e5"
	userID  = "8ce1ea4b-2c2b-4d6e-9f2e-0a1b2c3d4e5f"
	groupID = "566b8d39-5c5c-4aaa-bc07-4f36278a1b38"
	// defID has characters that must be escaped within a path.
	defID = "YjFjNTM1M2E/IyMxLjAuMA=="
)

// apiCall is a method of a Client with what it sends, as "METHOD path?query", special headers and body.
type apiCall struct {
	method string
	call   func(ctx context.Context, c *msgraph.Client) error
	reply  string // of status 200, or 204 when empty
	want   string
}

// calls holds every method that sends something.
var calls = []apiCall{
	{
		"Organization",
		func(ctx context.Context, c *msgraph.Client) error { _, err := c.Organization(ctx); return err },
		`{"value":[{"id":"t","displayName":"Contoso"}]}`,
		"GET /v1.0/organization?$select=id,displayName",
	},
	{
		"Users",
		func(ctx context.Context, c *msgraph.Client) error { return c.Users(ctx, 0, ignore[msgraph.User]) },
		`{"value":[]}`,
		"GET /v1.0/users?$select=id,userPrincipalName,displayName,accountEnabled,userType&$top=999&$count=true\nConsistencyLevel: eventual",
	},
	{
		"UsersFirstPage",
		func(ctx context.Context, c *msgraph.Client) error { _, err := c.UsersFirstPage(ctx, 50); return err },
		`{"@odata.count":0,"value":[]}`,
		"GET /v1.0/users?$select=id,userPrincipalName,displayName,accountEnabled,userType&$top=50&$count=true\nConsistencyLevel: eventual",
	},
	{
		"ResolveUsers",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.ResolveUsers(ctx, []string{"ada_example.com#EXT#@contoso.test", "$o'neil@contoso.test", "a/b@contoso.test"})
			return err
		},
		`{"responses":[{"id":"1","status":200,"body":{"id":"1"}},{"id":"3","status":404},{"id":"2","status":404}]}`,
		"POST /v1.0/$batch\n" +
			`{"requests":[` +
			`{"id":"1","method":"GET","url":"/users/ada_example.com%23EXT%23@contoso.test?$select=id,userPrincipalName,displayName,accountEnabled,userType"},` +
			`{"id":"2","method":"GET","url":"/users('$o%27%27neil@contoso.test')?$select=id,userPrincipalName,displayName,accountEnabled,userType"},` +
			`{"id":"3","method":"GET","url":"/users/a%2Fb@contoso.test?$select=id,userPrincipalName,displayName,accountEnabled,userType"}]}`,
	},
	{
		"GroupByName",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.GroupByName(ctx, "R&D's +1 #team")
			return err
		},
		`{"value":[]}`,
		"GET /v1.0/groups?$filter=displayName%20eq%20%27R%26D%27%27s%20%2B1%20%23team%27&$select=id,displayName,mail,mailEnabled,securityEnabled,groupTypes,visibility",
	},
	{
		"GroupByMail",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.GroupByMail(ctx, "rd@contoso.test")
			return err
		},
		`{"value":[]}`,
		"GET /v1.0/groups?$filter=mail%20eq%20%27rd%40contoso.test%27&$select=id,displayName,mail,mailEnabled,securityEnabled,groupTypes,visibility",
	},
	{
		"GroupByID",
		func(ctx context.Context, c *msgraph.Client) error { _, err := c.GroupByID(ctx, groupID); return err },
		`{"id":"` + groupID + `"}`,
		"GET /v1.0/groups/" + groupID + "?$select=id,displayName,mail,mailEnabled,securityEnabled,groupTypes,visibility",
	},
	{
		"Groups",
		func(ctx context.Context, c *msgraph.Client) error { return c.Groups(ctx, ignore[msgraph.Group]) },
		`{"value":[]}`,
		"GET /v1.0/groups?$select=id,displayName,mail,mailEnabled,securityEnabled,groupTypes,visibility&$top=999",
	},
	{
		"ResolveGroups",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.ResolveGroups(ctx, []msgraph.GroupQuery{{ID: groupID}, {Name: "R&D"}})
			return err
		},
		`{"responses":[{"id":"2","status":200,"body":{"value":[]}},{"id":"1","status":404}]}`,
		"POST /v1.0/$batch\n" + `{"requests":[{"id":"1","method":"GET","url":"/groups/` + groupID +
			`?$select=id,displayName,mail,mailEnabled,securityEnabled,groupTypes,visibility"},` +
			`{"id":"2","method":"GET","url":"/groups?$filter=displayName%20eq%20%27R%26D%27\u0026$select=id,displayName,mail,mailEnabled,securityEnabled,groupTypes,visibility"}]}`,
	},
	{
		"GroupMembers",
		func(ctx context.Context, c *msgraph.Client) error {
			return c.GroupMembers(ctx, groupID, true, ignore[msgraph.DirectoryObject])
		},
		`{"value":[]}`,
		"GET /v1.0/groups/" + groupID + "/transitiveMembers?$select=id,displayName,userPrincipalName,accountEnabled&$top=999",
	},
	{
		"GroupMembers",
		func(ctx context.Context, c *msgraph.Client) error {
			return c.GroupMembers(ctx, groupID, false, ignore[msgraph.DirectoryObject])
		},
		`{"value":[]}`,
		"GET /v1.0/groups/" + groupID + "/members?$select=id,displayName,userPrincipalName,accountEnabled&$top=999",
	},
	{
		"GetByIDs",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.GetByIDs(ctx, []string{userID, groupID}, "user", "group")
			return err
		},
		`{"value":[]}`,
		"POST /v1.0/directoryObjects/getByIds\n" + `{"ids":["` + userID + `","` + groupID + `"],"types":["user","group"]}`,
	},
	{
		"CheckMemberGroups",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.CheckMemberGroups(ctx, userID, []string{groupID})
			return err
		},
		`{"value":["` + groupID + `"]}`,
		"POST /v1.0/users/" + userID + "/checkMemberGroups\n" + `{"groupIds":["` + groupID + `"]}`,
	},
	{
		"CatalogApps",
		func(ctx context.Context, c *msgraph.Client) error {
			return c.CatalogApps(ctx, ignore[msgraph.CatalogApp])
		},
		`{"value":[]}`,
		"GET /v1.0/appCatalogs/teamsApps?$filter=distributionMethod%20eq%20%27organization%27&$expand=appDefinitions",
	},
	{
		"CatalogApp",
		func(ctx context.Context, c *msgraph.Client) error { _, err := c.CatalogApp(ctx, appID); return err },
		`{"id":"` + appID + `"}`,
		"GET /v1.0/appCatalogs/teamsApps/" + appID + "?$expand=appDefinitions",
	},
	{
		"CatalogAppWithBots",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.CatalogAppWithBots(ctx, appID)
			return err
		},
		`{"id":"` + appID + `"}`,
		"GET /v1.0/appCatalogs/teamsApps/" + appID + "?$expand=appDefinitions%28%24expand%3Dbot%29",
	},
	{
		"CatalogAppByManifestID",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.CatalogAppByManifestID(ctx, "m-1")
			return err
		},
		`{"value":[]}`,
		"GET /v1.0/appCatalogs/teamsApps?$filter=distributionMethod%20eq%20%27organization%27%20and%20externalId%20eq%20%27m-1%27&$expand=appDefinitions",
	},
	{
		"PublishApp",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.PublishApp(ctx, []byte("PK\x03\x04zip"), false)
			return err
		},
		`{"id":"` + appID + `"}`,
		"POST /v1.0/appCatalogs/teamsApps\nContent-Type: application/zip\nPK\x03\x04zip",
	},
	{
		"PublishApp",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.PublishApp(ctx, []byte("PK"), true)
			return err
		},
		`{"id":"` + appID + `"}`,
		"POST /v1.0/appCatalogs/teamsApps?requiresReview=true\nContent-Type: application/zip\nPK",
	},
	{
		"UpdateApp",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.UpdateApp(ctx, appID, []byte("PK"), false)
			return err
		},
		"",
		"POST /v1.0/appCatalogs/teamsApps/" + appID + "/appDefinitions\nContent-Type: application/zip\nPK",
	},
	{
		"SetPublishingState",
		func(ctx context.Context, c *msgraph.Client) error {
			return c.SetPublishingState(ctx, appID, defID, "InFtSSI=", msgraph.Published)
		},
		`{"id":"x"}`,
		"PATCH /v1.0/appCatalogs/teamsApps/" + appID + "/appDefinitions/YjFjNTM1M2E%2FIyMxLjAuMA==\nIf-Match: InFtSSI=\n" +
			`{"publishingState":"published"}`,
	},
	{
		"WithdrawDefinition",
		func(ctx context.Context, c *msgraph.Client) error { return c.WithdrawDefinition(ctx, appID, defID) },
		"",
		"DELETE /v1.0/appCatalogs/teamsApps/" + appID + "/appDefinitions/YjFjNTM1M2E%2FIyMxLjAuMA==",
	},
	{
		"DeleteApp",
		func(ctx context.Context, c *msgraph.Client) error { return c.DeleteApp(ctx, appID) },
		"",
		"DELETE /v1.0/appCatalogs/teamsApps/" + appID,
	},
	{
		"PolicyID",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.PolicyID(ctx, msgraph.SetupPolicyType, "Q&A / Bob's")
			return err
		},
		`{"value":[{"name":"Tag:q&a / bob's","policyId":"VnMA"}]}`,
		"GET /v1.0/admin/teams/policy/getPolicyId(type='TeamsAppSetupPolicy',name='Q&A%20%2F%20Bob%27%27s')",
	},
	{
		"PolicyIDs",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.PolicyIDs(ctx, msgraph.SetupPolicyType, []string{"Bob's"})
			return err
		},
		`{"responses":[{"id":"1","status":200,"body":{"value":[]}}]}`,
		"POST /v1.0/$batch\n" + `{"requests":[{"id":"1","method":"GET",` +
			`"url":"/admin/teams/policy/getPolicyId(type='TeamsAppSetupPolicy',name='Bob%27%27s')"}]}`,
	},
	{
		"AssignPolicy",
		func(ctx context.Context, c *msgraph.Client) error {
			return c.AssignPolicy(ctx, []msgraph.Assignment{{UserID: userID, PolicyType: msgraph.SetupPolicyType, PolicyID: "VnMA"}})
		},
		"",
		"POST /v1.0/admin/teams/policy/userAssignments/assign\n" +
			`{"value":[{"@odata.type":"#microsoft.graph.teamsAdministration.teamsPolicyUserAssignment","userId":"` + userID +
			`","policyType":"TeamsAppSetupPolicy","policyId":"VnMA"}]}`,
	},
	{
		"UnassignPolicy",
		func(ctx context.Context, c *msgraph.Client) error {
			return c.UnassignPolicy(ctx, []msgraph.Assignment{{UserID: userID, PolicyType: msgraph.SetupPolicyType, PolicyID: "VnMA"}})
		},
		"",
		"POST /v1.0/admin/teams/policy/userAssignments/unassign\n" +
			`{"value":[{"@odata.type":"#microsoft.graph.teamsAdministration.teamsPolicyUserAssignment","userId":"` + userID +
			`","policyType":"TeamsAppSetupPolicy"}]}`,
	},
	{
		"UserConfigurations",
		func(ctx context.Context, c *msgraph.Client) error {
			return c.UserConfigurations(ctx, 5000, ignore[msgraph.UserConfiguration])
		},
		`{"value":[]}`,
		"GET /v1.0/admin/teams/userConfigurations?$select=id,userPrincipalName,effectivePolicyAssignments&$top=999",
	},
	{
		"UserConfigurationsByID",
		func(ctx context.Context, c *msgraph.Client) error {
			_, err := c.UserConfigurationsByID(ctx, []string{userID})
			return err
		},
		`{"responses":[{"id":"1","status":404}]}`,
		"POST /v1.0/$batch\n" + `{"requests":[{"id":"1","method":"GET","url":"/admin/teams/userConfigurations/` + userID +
			`?$select=id,userPrincipalName,effectivePolicyAssignments"}]}`,
	},
	{
		"TeamsAppSettings",
		func(ctx context.Context, c *msgraph.Client) error { _, err := c.TeamsAppSettings(ctx); return err },
		`{"allowUserRequestsForAppAccess":true}`,
		"GET /v1.0/teamwork/teamsAppSettings",
	},
	{
		"PatchTeamsAppSettings",
		func(ctx context.Context, c *msgraph.Client) error {
			no := false
			return c.PatchTeamsAppSettings(ctx, msgraph.TeamsAppSettings{AllowUserRequests: &no})
		},
		"",
		"PATCH /v1.0/teamwork/teamsAppSettings\n" + `{"allowUserRequestsForAppAccess":false}`,
	},
}
