package langop

# ConfigMaps go with every change of a configuration.
deny contains message if {
	some resource in input.resource_changes
	"delete" in resource.change.actions
	resource.type != "ConfigMap"
	message := sprintf("%s %s is deleted", [resource.type, resource.name])
}

deny contains message if {
	some resource in input.resource_changes
	not resource.change.actions == ["no-op"]
	some container in resource.change.after.spec.template.spec.containers
	not contains(container.image, "@sha256:")
	message := sprintf("%s %s: image %s has no digest", [resource.type, resource.name, container.image])
}
