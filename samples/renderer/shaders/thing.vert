#version 330
uniform mat4 view_projection, light_projection, carry;
in vec3 in_position, in_normal, in_colour;
in vec2 in_surface;
out vec3 position, normal, colour;
out vec2 surface;
out vec4 in_light;

void main() {
    position = (carry * vec4(in_position, 1.0)).xyz;
    normal = mat3(carry) * in_normal;
    colour = in_colour;
    surface = in_surface;
    in_light = light_projection * vec4(position, 1.0);
    gl_Position = view_projection * vec4(position, 1.0);
}
