using Sparkify.Web;

var app = SparkifyApp.Build(args);
await app.RunAsync();
