// Filled by the module.
enum PackagesPlaceholder {}
