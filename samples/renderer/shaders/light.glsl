uniform sampler2DShadow shadow_map;
uniform sampler2D noise;
uniform vec3 eye, light_direction, light_colour, sky, ground, fill_direction, fill_colour;
uniform float exposure;

float lit(vec4 in_light, float slope) {
    vec3 at = in_light.xyz / in_light.w * 0.5 + 0.5;
    if (any(lessThan(at, vec3(0.0))) || any(greaterThan(at, vec3(1.0)))) return 1.0;
    vec2 texel = 1.3 / vec2(textureSize(shadow_map, 0));
    float bias = 0.0012 + 0.004 * (1.0 - slope), sum = 0.0;
    for (int i = -1; i <= 1; i += 2)
        for (int j = -1; j <= 1; j += 2)
            sum += texture(shadow_map, vec3(at.xy + texel * vec2(i, j), at.z - bias));
    return sum / 4.0;
}

vec3 shaded(vec3 albedo, vec3 at, vec3 n, float gloss, float wrap, vec4 in_light) {
    vec3 to_eye = normalize(eye - at);
    if (dot(n, to_eye) < 0.0) n = normalize(n - 1.02 * dot(n, to_eye) * to_eye);
    float facing = (dot(n, light_direction) + wrap) / (1.0 + wrap);
    float reached = facing > 0.0 ? lit(in_light, min(facing, 1.0)) : 0.0;
    float direct = max(facing, 0.0) * reached;
    float side = max(dot(n, fill_direction), 0.0);
    vec3 ambient = mix(ground, sky, 0.5 + 0.5 * n.y);
    vec3 half_way = normalize(light_direction + to_eye);
    float shine = pow(max(dot(n, half_way), 0.0), mix(12.0, 90.0, gloss)) * gloss * reached;
    float rim = pow(1.0 - max(dot(n, to_eye), 0.0), 4.0);
    return albedo * (ambient + light_colour * direct + fill_colour * side)
        + light_colour * shine * 0.5 + sky * rim * (0.04 + 0.25 * gloss);
}

vec3 developed(vec3 light) {
    light *= exposure;
    light = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14);
    return pow(clamp(light, 0.0, 1.0), vec3(1.0 / 2.2));
}

vec3 linear(vec3 srgb) { return pow(srgb, vec3(2.2)); }
