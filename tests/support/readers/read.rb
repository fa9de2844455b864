# Reads one base64-encoded document per line, and prints the result of Psych as JSON.
# A value that JSON cannot hold becomes an object with its type, so it equals no other value.
require 'json'
require 'psych'
require 'date'
require 'base64'

def to_comparable(value)
  case value
  when Hash then value.to_h { |key, item| [key.is_a?(String) ? key : "#{key.class}:#{key}", to_comparable(item)] }
  when Array then value.map { |item| to_comparable(item) }
  when Float then value.finite? ? value : { '$type' => 'number', 'value' => value.to_s.sub('Infinity', 'inf').downcase }
  when Symbol, Regexp, Range, Rational, Complex then { '$type' => value.class.name, 'value' => value.inspect }
  when DateTime, Time, Date then { '$type' => 'date', 'value' => value.strftime('%F') }
  else value
  end
end

$stdin.each_line do |line|
  # As Psych.load_file, which opens a file without its byte-order mark.
  text = Base64.decode64(line).force_encoding(Encoding::UTF_8).delete_prefix("\uFEFF")
  answer =
    begin
      { 'value' => to_comparable(Psych.safe_load(text, permitted_classes: [Date, DateTime, Time, Symbol], aliases: false)) }
    rescue StandardError => e
      { 'error' => e.message.lines.first.to_s.strip }
    end
  puts JSON.generate({ 'Psych' => answer }, max_nesting: 1000)
  $stdout.flush
end
