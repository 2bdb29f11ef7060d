package teams

// WellKnownApps are names for Microsoft's client apps, by which lists of apps
// may call them. The ids are the same in every tenant (policy-plane facts 1.1;
// calendar, calling and files as the documented default setup policy has them).
func WellKnownApps() map[string]string {
	return map[string]string{
		"activity": "14d6962d-6eeb-4f48-8890-de55454bb136",
		"chat":     "86fcd49b-61a2-4701-b771-54728cd291fb",
		"teams":    "2a84919f-59d8-4441-a975-2a8c2643b741",
		"calendar": "ef56c0de-36fc-4ef8-b417-3d82ba9d073c",
		"calling":  "20c3440d-c67e-4420-9f80-0e50c39693df",
		"files":    "5af6a76b-40fc-4ba1-af29-8f49b08e44fd",
	}
}
