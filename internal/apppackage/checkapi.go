package apppackage

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/teamsform/teamsform/internal/apppackage/internal/jsondoc"
)

// apiDescriptions checks the OpenAPI descriptions of API-based message
// extensions, as far as commands use them. Only JSON is read.
func (in *inspection) apiDescriptions() {
	const path = "/composeExtensions/0" // there can be one
	extension := in.root.Lookup(path)
	f, ok := in.find(reference{manifestName, "", extension.Get("apiSpecificationFile").Str()})
	if !ok || !isAPIBased(extension) {
		return
	}
	if !strings.HasPrefix(strings.TrimSpace(string(f.Data)), "{") {
		in.report("ApiSpecificationFileNotChecked", path+"/apiSpecificationFile", fmt.Sprintf("%s is no JSON and was not looked into", f.Name), "check it with the tools of its format")
		return
	}
	root := in.parse(f)
	if root == nil {
		return
	}
	spec, done := in.within(f.Name, root)
	defer done()
	spec.servers()
	known := operations(root)
	for j, command := range few(extension.Get("commands")) {
		in.commandOperation(spec, known, jsondoc.Item(path+"/commands", j), command)
	}
	in.entraResource(path, extension, root)
}

// servers checks the hosts of an API description.
func (in *inspection) servers() {
	servers := few(in.root.Get("servers"))
	if len(servers) == 0 {
		in.report("ServerUrlsMissingOnApiSpecificationFile", "/servers", "the API description names no server", "add servers with an https URL")
	}
	for i, server := range servers {
		path, address := jsondoc.Item("/servers", i)+"/url", server.Get("url").Str()
		u, err := url.Parse(address)
		switch {
		case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
			in.report("ApiSpecificationFileServerUrlsContainInvalidUrl", path, fmt.Sprintf("the server is %.80q, which is no URL of a host", address), "write an https URL")
		case u.Scheme == "http":
			in.report("ApiSpecificationFileServerUrlsContainHttp", path, fmt.Sprintf("the server %.80q is http", address), "write https://")
		}
	}
}

// entraResource checks that single sign-on is for the host of the API.
func (in *inspection) entraResource(path string, extension, api *jsondoc.Node) {
	resource := in.root.At("webApplicationInfo", "resource").Str()
	if extension.At("authorization", "authType").Str() != "microsoftEntra" || resource == "" {
		return
	}
	host := hostOf(resource)
	for _, server := range few(api.Get("servers")) {
		if host != "" && host == hostOf(server.Get("url").Str()) {
			return
		}
	}
	in.report("MsftEntraAuthTypeComposeExtensionResourceURLNotMatchServerURLOnApiSpec", "/webApplicationInfo/resource",
		fmt.Sprintf("webApplicationInfo.resource is %.80q, which names no server of the API that %s uses", resource, dotted(path)), "write api://<host of the API>/<webApplicationInfo.id>")
}

// operation is what a command calls: a path and method of an API description.
type operation struct {
	pointer, method string
	node            *jsondoc.Node
	shared          *jsondoc.Node // the path, which may have parameters for all its methods
}

// operations returns those of a description by operationId.
func operations(api *jsondoc.Node) map[string]operation {
	out := map[string]operation{}
	if paths := api.Get("paths"); paths != nil {
		for _, p := range paths.Members {
			for _, m := range p.Value.Members {
				if id := m.Value.Get("operationId").Str(); id != "" {
					out[id] = operation{jsondoc.Child(jsondoc.Child("/paths", p.Name), m.Name), m.Name, m.Value, p.Value}
				}
			}
		}
	}
	return out
}

// commandOperation checks a command against the operation of the same id.
func (in *inspection) commandOperation(spec *inspection, known map[string]operation, path string, command *jsondoc.Node) {
	id := command.Get("id").Str()
	op, ok := known[id]
	if !ok {
		in.report("ApiBasedComposeExtensionManifestCommandIdsNotIncludedInOperationIdsOnApiSpecficationFile", path+"/id",
			fmt.Sprintf("the API description has no operation %q", id), "use an operationId of the API description")
		return
	}
	if method := strings.ToLower(op.method); method != "get" && method != "post" {
		spec.report("ApiSpecificationFileContainUnsupportedHttpMethod", op.pointer, fmt.Sprintf("operation %q is %s", id, strings.ToUpper(op.method)), "commands can call GET and POST only")
	}
	names, required := spec.parameters(op)
	bodyNames, bodyRequired := spec.requestBody(op)
	names, required = append(names, bodyNames...), append(required, bodyRequired...)
	spec.responses(op)
	var given []string
	for i, parameter := range few(command.Get("parameters")) {
		name := parameter.Get("name").Str()
		given = append(given, name)
		if !slices.Contains(names, name) {
			in.report("ParameterOnManifestNotDefinedOnApiSpecFile", jsondoc.Item(path+"/parameters", i)+"/name",
				fmt.Sprintf("operation %q has no parameter %q", id, name), "use a name of the API description")
		}
	}
	for _, name := range required {
		if !slices.Contains(given, name) {
			in.report("ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest", path+"/parameters",
				fmt.Sprintf("operation %q requires %q, which the command does not have", id, name), "add the parameter to the command")
		}
	}
}

// resolve follows a reference within the description; one step is enough for
// real ones, and a few are allowed.
func (in *inspection) resolve(n *jsondoc.Node) *jsondoc.Node {
	for range 5 {
		ref, ok := strings.CutPrefix(n.Get("$ref").Str(), "#")
		if !ok {
			break
		}
		n = in.root.Lookup(ref)
	}
	return n
}

func (in *inspection) parameters(op operation) (names, required []string) {
	for _, holder := range []struct {
		node    *jsondoc.Node
		pointer string
	}{{op.shared, op.pointer[:strings.LastIndexByte(op.pointer, '/')]}, {op.node, op.pointer}} {
		for i, n := range few(holder.node.Get("parameters")) {
			path := jsondoc.Item(holder.pointer+"/parameters", i)
			p := in.resolve(n)
			name, place := p.Get("name").Str(), p.Get("in").Str()
			names = append(names, name)
			schema := in.resolve(p.Get("schema"))
			if p.Get("required").True() {
				if place != "path" && place != "query" {
					in.report("ApiSpecificationFileRequiredParameterContainUnsupportedLocation", path, fmt.Sprintf("the required parameter %q is in %q", name, place), "required parameters can be in path or query only")
				} else if schema.Get("default") == nil {
					required = append(required, name)
				}
			}
			if schema.Get("type").Str() == "array" {
				in.report("ApiSpecificationFileParameterContainUnsupportedSchemaType", path, fmt.Sprintf("the parameter %q is an array", name), "commands can pass single values only")
			}
		}
	}
	return names, required
}

func (in *inspection) requestBody(op operation) (names, required []string) {
	body := in.resolve(op.node.Get("requestBody"))
	content := body.Get("content")
	if content == nil {
		return nil, nil
	}
	path := op.pointer + "/requestBody"
	media := content.Get("application/json")
	if media == nil {
		in.report("ApiSpecificationFileRequestBodyContainUnsupportedMediaType", path, "the request body is not application/json", "offer application/json")
		return nil, nil
	}
	schema := in.resolve(media.Get("schema"))
	if schema.Get("type").Str() == "array" {
		in.report("ApiSpecificationFileRequestBodyContainUnsupportedSchemaType", path, "the request body is an array", "make it an object")
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf", "not"} {
		if schema.Get(keyword) != nil {
			in.report("ApiSpecificationFileRequestBodySchemaContainKeywords", path, fmt.Sprintf("the request body combines schemas by %s", keyword), "write one plain object")
		}
	}
	if properties := schema.Get("properties"); properties != nil {
		needed := fewStrings(schema.Get("required"))
		for _, m := range properties.Members[:min(len(properties.Members), maxElements)] {
			names = append(names, m.Name)
			if slices.Contains(needed, m.Name) && in.resolve(m.Value).Get("default") == nil {
				required = append(required, m.Name)
			}
		}
	}
	return names, required
}

func (in *inspection) responses(op operation) {
	for _, status := range []string{"200", "201", "default"} {
		content := in.resolve(op.node.At("responses", status)).Get("content")
		if content != nil && content.Get("application/json") == nil {
			in.report("ApiSpecificationFileResponseContainUnsupportedMediaType", jsondoc.Child(op.pointer+"/responses", status), fmt.Sprintf("the %s response is not application/json", status), "answer with application/json")
		}
	}
}
