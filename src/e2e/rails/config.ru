# A real Action Cable server, without a Rails application around it, for the end-to-end tests:
#
#   puma -e production -b tcp://127.0.0.1:3000 -t 5:5 src/e2e/rails/config.ru
#
# Environment:
#   CABLE_FORCE_SSL=1             as config.force_ssl: plain requests are redirected
#   CABLE_ALLOWED_ORIGINS=a,/b/   instead of the default, the origin of the request's own host
#   CABLE_STOP_WITH_STDIN=1       stops when its standard input is closed, so that it can't outlive a test
#
# What a connection does is told by its query or its cookies: see connection.rb.

require "action_cable"
require "action_dispatch"
ActionDispatch::Cookies # Autoloaded: being mentioned, it defines Request#cookie_jar.

require_relative "connection"
require_relative "channels"
require_relative "control"

Thread.new { STDIN.read; Process.kill(:TERM, Process.pid) } if ENV["CABLE_STOP_WITH_STDIN"]

ActionCable.server.config.tap do |config|
  config.cable = {"adapter" => "async"}
  config.connection_class = -> { ApplicationCable::Connection }
  config.logger = Logger.new($stdout, level: :info)
  if (origins = ENV["CABLE_ALLOWED_ORIGINS"])
    config.allow_same_origin_as_host = false
    config.allowed_request_origins =
      origins.split(",").map { |origin| origin.start_with?("/") ? Regexp.new(origin[1..-2]) : origin }
  end
end

use ActionDispatch::SSL if ENV["CABLE_FORCE_SSL"]

map("/cable") { run ActionCable.server }
map("/admin/cable") { run ActionCable.server }
map("/control") { run Control }
